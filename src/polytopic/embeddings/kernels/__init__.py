"""The hot loops of the word vectors: pure numba functions over arrays, no classes."""
