"""Topics as clusters of document embeddings."""
