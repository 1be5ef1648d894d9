"""Non-negative matrix factorisation of tf-idf."""
