"""A row of the list of models, and the rows that other packages add to it.

They name an :class:`Entry`, or a tuple of several, under the entry point ``polytopic.models``.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from polytopic import plugins
from polytopic.errors import InputError, named_in_one_line

__all__ = ["Entry", "added_class", "added_entries", "every_entry"]


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One model of the package.

    ``name`` is what the command line and ``explore`` take, ``class_name`` what hangs on the
    package, ``module`` where it lives, ``family`` the kind of estimator, ``extra`` the optional
    dependency it needs (None in the light core), ``source`` its citation, ``summary`` one line.
    """

    name: str
    class_name: str
    module: str
    family: str
    summary: str
    source: str
    extra: str | None = None

    @property
    def names(self) -> tuple[str, str]:
        """What it is found by, in small letters."""
        return self.name, self.class_name.lower()


def every_entry(own: Sequence[Entry]) -> Iterator[Entry]:
    """Our own, then those of other packages, which are looked for only if the reader goes on."""
    yield from own
    yield from added_entries(own)


def added_entries(own: Sequence[Entry]) -> list[Entry]:
    """Rows of other packages; of two that give one name, the first."""
    names = [name for entry in own for name in entry.names]
    found = plugins.added(plugins.MODELS, Entry, names, lambda plugin, entry: entry.names)
    return [entry for _, entry in found]


def added_class(entry: Entry) -> type:
    """The class of a row that another package added.

    Raises
    ------
    InputError
        If it cannot be imported, or is no estimator.
    """
    from polytopic.parameters import Declared

    try:
        loaded = getattr(importlib.import_module(entry.module), entry.class_name)
    except Exception as error:  # noqa: BLE001 (code of others may raise whatever it likes)
        fault = f"cannot be imported ({named_in_one_line(error)})"
    else:
        if isinstance(loaded, type) and issubclass(loaded, Declared):
            return loaded
        fault = "is no polytopic estimator (polytopic.base)"
    raise InputError(
        f"model {entry.name}: {entry.module}.{entry.class_name} {fault}. Update or uninstall the "
        "package that adds it."
    )
