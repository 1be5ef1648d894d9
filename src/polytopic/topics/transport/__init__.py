"""Topics by optimal transport among the embeddings of documents, topics and words."""
