"""The run folder: what one run of the command line leaves, who may replace it, and how.

A run folder holds ``run.json`` (how it was started, and how far it came) and what its command
writes: ``topics`` leaves ``report.html``, ``topics.csv``, ``documents.parquet``, ``metrics.json``
and ``model/``, ``demo`` also ``vectors.txt``, ``sentences train`` only ``model/``; while it trains
there is ``checkpoint/`` too. A folder with any other file in it is never written to. An earlier run
stands until the one that replaces it is whole: that one grows inside, under a hidden name.
"""

from polytopic.runs.folder import METRICS, OWN, RUN, RunFolder, RunWriteError
from polytopic.runs.preparing import begin, finish, open_run, reserved, room

__all__ = [
    "METRICS",
    "OWN",
    "RUN",
    "RunFolder",
    "RunWriteError",
    "begin",
    "finish",
    "open_run",
    "reserved",
    "room",
]
