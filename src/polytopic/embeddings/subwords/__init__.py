"""fastText's models: words as sums of their character n-grams, and classifiers of such."""
