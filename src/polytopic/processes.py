"""Work side by side in several processes, through joblib."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator
from typing import Any

__all__ = ["in_processes"]

_REPLACED = "A worker stopped while some jobs were given to the executor"
"""What joblib warns of when it replaces a worker that has grown by 300 MB, as ours do.

It is no fault, and where warnings are errors (``python -W error``) it would end the thread that
hands out the work, for which the caller then waits without end.
"""


def in_processes(
    function: Callable[..., Any], tasks: Iterable[tuple[Any, ...]], n_jobs: int
) -> Iterator[Any]:
    """Results of ``function(*task)``, as they are done, in any order, by ``n_jobs`` processes.

    >>> sorted(in_processes(divmod, [(7, 2), (9, 2)], 2))
    [(3, 1), (4, 1)]
    """
    from joblib import Parallel, delayed

    # Not within catch_warnings: a generator would leave its filters to whoever reads it.
    warnings.filterwarnings("ignore", _REPLACED, UserWarning)
    work = Parallel(n_jobs=n_jobs, return_as="generator_unordered")
    yield from work(delayed(function)(*task) for task in tasks)
