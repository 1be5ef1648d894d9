"""Training: the frame of every run, and the one loop of the neural models."""
