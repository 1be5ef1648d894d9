"""Documents as vectors: sums of word vectors, and vectors learned with the words'."""
