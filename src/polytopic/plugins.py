"""What other packages add: models, readers and metrics, found by their entry points.

A package names, in its own ``pyproject.toml``, an object under one of three groups:

``polytopic.models``
    A :class:`polytopic.registry.Entry`, or several in a tuple: rows of text beside our own.
``polytopic.readers``
    A :class:`polytopic.text.formats.Format`: endings of files, and the function that reads them.
``polytopic.metrics``
    A function whose arguments name what it is given; see :mod:`polytopic.metrics.added`.

What cannot be loaded, is of another kind or takes a name that is taken is left out and told once:
a broken plugin stops nothing else. Code of a plugin runs with the rights of the program, as any
installed package's does; nothing is ever loaded from a file of the user's.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from polytopic.errors import PluginWarning, named_in_one_line

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

__all__ = ["GROUPS", "METRICS", "MODELS", "READERS", "Plugin", "added", "loaded"]

T = TypeVar("T")

MODELS, READERS, METRICS = GROUPS = ("polytopic.models", "polytopic.readers", "polytopic.metrics")
"""The groups of entry points."""


@dataclass(frozen=True)
class Plugin:
    """One entry point of another package.

    ``group`` is one of :data:`GROUPS`, ``name`` what stands before its ``=``, ``value`` the object
    it leads to (None where it could not be loaded, and ``fault`` says why), ``package`` the
    distribution with its version.
    """

    group: str
    name: str
    package: str
    value: Any = None
    fault: str | None = None


@cache
def loaded(group: str) -> tuple[Plugin, ...]:
    """What other packages have under a group, in the order of their names, loaded once a process.

    >>> loaded("polytopic.readers")
    ()
    """
    from importlib.metadata import entry_points  # half of what importing this package takes

    points = sorted(entry_points(group=group), key=lambda point: (point.name, point.value))
    return tuple(_load(group, point) for point in points)


def added(
    group: str, kind: type[T], own: Iterable[str], names: Callable[[Plugin, T], Iterable[str]]
) -> list[tuple[Plugin, T]]:
    """The objects of ``kind`` under a group; what is left out is told in a ``PluginWarning``.

    ``names`` gives those of an object. One that gives a name of our ``own``, or of an object
    before it, is left out.
    """
    taken = set(own)
    found: list[tuple[Plugin, T]] = []
    for plugin in loaded(group):
        if plugin.fault is not None:
            _tell(plugin, plugin.fault)
            continue
        values = plugin.value if isinstance(plugin.value, tuple | list) else (plugin.value,)
        for value in values:
            if not isinstance(value, kind):
                _tell(plugin, f"is of type {type(value).__name__}, not {kind.__name__}")
            elif clash := sorted(taken.intersection(names(plugin, value))):
                _tell(plugin, f'gives "{clash[0]}", which is there already')
            else:
                taken.update(names(plugin, value))
                found.append((plugin, value))
    return found


_TOLD: set[tuple[str, str, str]] = set()


def _load(group: str, point: EntryPoint) -> Plugin:
    package = "unknown" if point.dist is None else f"{point.dist.name} {point.dist.version}"
    try:
        return Plugin(group, point.name, package, point.load())
    except Exception as error:  # noqa: BLE001 (code of others may raise whatever it likes)
        fault = f"could not be loaded ({named_in_one_line(error)})"
        return Plugin(group, point.name, package, fault=fault)


def _tell(plugin: Plugin, fault: str) -> None:
    if (key := (plugin.group, plugin.name, fault)) in _TOLD:
        return
    _TOLD.add(key)
    warnings.warn(
        f"plugin {plugin.name} of {plugin.package} ({plugin.group}): {fault}. It is left out: "
        "update or uninstall that package.",
        PluginWarning,
        stacklevel=4,
    )
