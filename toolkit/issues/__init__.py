"""What staff are told: issues, their places, severities, verdicts, and every sentence."""
