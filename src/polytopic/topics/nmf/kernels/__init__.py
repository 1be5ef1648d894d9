"""Shares of topics in documents whose topics are held: pure functions over arrays."""
