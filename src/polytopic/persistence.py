"""``load``: read back whatever a model of the package saved."""
