"""LDA and its kin: exact sampler, online variational Bayes, seeds, learned priors, vectors."""
