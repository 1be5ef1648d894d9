"""Products of rows, each by itself: pure functions over arrays."""
