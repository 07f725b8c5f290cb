"""What a workbook says: files opened safely, labels found, values read."""
