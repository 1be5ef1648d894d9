"""Directed graphs: nodes and edges from files and libraries, and two vectors for each node."""
