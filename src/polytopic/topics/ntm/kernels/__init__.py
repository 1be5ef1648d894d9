"""The hot loops of NTM: pure numba functions over arrays."""
