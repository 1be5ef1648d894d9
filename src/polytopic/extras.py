"""Optional dependencies: one line that says what to install."""

from __future__ import annotations

import importlib
from types import ModuleType

from polytopic.errors import MissingExtraError, named_in_one_line

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

    ``extra`` names it where several do. A module that is there and fails, as one whose own parts
    are missing or of other versions does, is told as that.

    Raises
    ------
    MissingExtraError
        If the module is not installed, or cannot be imported.

    >>> require("json", "reading settings").__name__
    'json'
    """
    top = module.partition(".")[0]
    extra = extra or EXTRAS.get(top)
    package = f"'polytopic[{extra}]'" if extra else module
    try:
        return importlib.import_module(module)
    except Exception as error:
        if isinstance(error, ModuleNotFoundError) and error.name == top:
            told = f"{purpose} needs {module}, which is not installed. Run: pip install {package}"
        else:
            told = (
                f"{purpose} needs {module}, which is installed and cannot be imported "
                f"({named_in_one_line(error)}). Bring its parts up to date: "
                f"pip install --upgrade {package}"
            )
        raise MissingExtraError(told) from error
