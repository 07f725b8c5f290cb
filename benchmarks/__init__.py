"""How long xlreport takes and how much memory, beside the libraries alone and the scripts one would write instead."""
