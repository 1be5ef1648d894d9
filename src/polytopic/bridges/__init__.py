"""The package as other packages want it: steps and scorers of scikit-learn's pipelines."""
