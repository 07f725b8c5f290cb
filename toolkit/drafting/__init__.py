"""A bureau's blank workbook -> a proposed form definition, with every doubt beside its line."""
