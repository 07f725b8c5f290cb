"""Time and memory of xlreport beside its libraries alone and the scripts one would write instead."""
