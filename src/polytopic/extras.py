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
    "rjieba": "zh",
    "sudachipy": "ja",
    "sudachidict_core": "ja",
    "pythainlp": "th",
    "fastexcel": "excel",
    "xlsxwriter": "excel",
    "faiss": "neighbours",
    "sentence_transformers": "encoders",
    "model2vec": "model2vec",
    "tokenizers": "model2vec",
    "starlette": "view",
    "uvicorn": "view",
    "tensorboard": "tensorboard",
    "wandb": "wandb",
    "distributed": "dask",
    "ray": "ray",
}


def require(module: str, purpose: str, extra: str | None = None) -> ModuleType:
    """Import ``module`` or raise one line that names the extra which provides it.

    ``extra`` names it where several do.

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
        extra = extra or EXTRAS.get(module.partition(".")[0])
        package = f"'polytopic[{extra}]'" if extra else module
        raise MissingExtraError(
            f"{purpose} needs {module}, which is not installed. Run: pip install {package}"
        ) from None
