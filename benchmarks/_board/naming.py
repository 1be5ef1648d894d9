"""How tables call what was run."""

from __future__ import annotations

from _peers import PEERS, VARIANTS

__all__ = ["title"]


def title(model: str) -> str:
    """A model of ``topics.py``: its class, or its package and what it is called there."""
    from polytopic import registry

    if model in PEERS:
        return f"{'TopMost' if model.startswith('topmost') else 'tomotopy'} {PEERS[model][1]}"
    name, options = VARIANTS.get(model, (model, {}))
    given = ", ".join(
        f'{option}="{value}"' if isinstance(value, str) else f"{option}={value:g}"
        for option, value in options.items()
    )
    return f"`{registry.find(name).class_name}{f'({given})' if given else ''}`"
