"""Commands that are stopped, or refused a write, at any moment, and what must hold afterwards."""
