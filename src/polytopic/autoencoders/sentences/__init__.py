"""The autoencoder of sentences: words in a row to a vector, and back."""
