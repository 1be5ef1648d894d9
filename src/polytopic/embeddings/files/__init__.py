"""Files of word vectors: one file a format, and what their readers and writers share."""
