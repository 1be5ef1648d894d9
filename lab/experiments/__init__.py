"""One file an experiment; found by their names."""
