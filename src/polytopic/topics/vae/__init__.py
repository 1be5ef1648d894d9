"""Topic models that are variational autoencoders: the base, the bound, one file a named model."""
