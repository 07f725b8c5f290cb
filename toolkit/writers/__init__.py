"""What the officer, the clerk and the bureau receive."""
