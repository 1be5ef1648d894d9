"""Training with the same bits for any number of threads: blocks, rounds of them, passes."""
