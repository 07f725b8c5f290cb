"""Many hands: work mapped in batches over any executor, and processes that are watched while they work."""
