"""A finished run served on this machine: its page, and all of its documents read on demand."""

from polytopic.viewing.serving import serve

__all__ = ["serve"]
