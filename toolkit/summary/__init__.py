"""What the district adds up to: exact figures, tables ready to be written, and their reconciliation."""
