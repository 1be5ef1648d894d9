"""The hot loops of LDA: pure numba functions over arrays, and thin drivers over them."""
