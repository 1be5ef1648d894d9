"""What ``fuzz`` reads: each file here has a list ``TARGETS``."""

from __future__ import annotations

import importlib
import pkgutil

from lab.fuzzing.target import Target

__all__ = ["all_targets"]


def all_targets() -> dict[str, Target]:
    """Every target by name, in the order of files and lists."""
    found: dict[str, Target] = {}
    for module in sorted(pkgutil.iter_modules(__path__), key=lambda m: m.name):
        for target in importlib.import_module(f"{__name__}.{module.name}").TARGETS:
            if target.name in found:
                raise ValueError(f"two fuzz targets are named {target.name}")
            found[target.name] = target
    return found
