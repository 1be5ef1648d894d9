"""Documents as vectors: by a text encoder, as given, or of the corpus's own word vectors."""
