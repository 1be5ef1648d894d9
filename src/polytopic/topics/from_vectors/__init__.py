"""The bridge from word vectors to topics: topics that are distributions, and priors of them."""
