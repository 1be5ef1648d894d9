"""Optional dependencies: one line that says what to install."""

from __future__ import annotations

import importlib
from types import ModuleType

from polytopic.errors import MissingExtraError

__all__ = ["EXTRAS", "require"]

EXTRAS = {
    "torch": "neural",
    "accelerate": "neural",
    "vl_convert": "figures",
}


def require(module: str, purpose: str) -> ModuleType:
    """Import ``module`` or raise one line that names the extra which provides it.

    Raises
    ------
    MissingExtraError
        If the module is not installed.

    >>> require("json", "reading settings").__name__
    'json'
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name is not None and error.name != module.partition(".")[0]:
            raise
        extra = EXTRAS.get(module.partition(".")[0])
        package = f"'polytopic[{extra}]'" if extra else module
        raise MissingExtraError(
            f"{purpose} needs {module}, which is not installed. Run: pip install {package}"
        ) from None
