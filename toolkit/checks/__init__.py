"""What is right and wrong in one submission, and between submissions."""
