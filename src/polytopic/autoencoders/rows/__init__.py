"""Autoencoders of rows: of counts or real numbers, to vectors and back."""
