"""The run folder: what one run of the command line leaves, who may replace it, and how.

A run folder holds ``run.json`` (how it was started, and how far it came) and what its command
writes: ``topics`` leaves ``report.html``, ``topics.csv``, ``documents.parquet``, ``metrics.json``,
``tables/``, ``result/`` and ``model/``, and what was edited in ``edits.json``; ``demo`` also
``vectors.txt``, ``sentences train`` only ``model/``; while it trains there is ``checkpoint/`` too.
A folder with any other file in it is never written to. An earlier run stands until the one that
replaces it is whole: that one grows inside, under a hidden name.
"""

from polytopic.runs.folder import (
    EDITS,
    FINISHED,
    METRICS,
    OWN,
    PAGE,
    RUN,
    RunFolder,
    RunWriteError,
)
from polytopic.runs.preparing import begin, changed, finish, open_run, reserved, room
from polytopic.runs.results import edited_as, kept_rules, load_result, read_like, write_edited

__all__ = [
    "EDITS",
    "FINISHED",
    "METRICS",
    "OWN",
    "PAGE",
    "RUN",
    "RunFolder",
    "RunWriteError",
    "begin",
    "changed",
    "edited_as",
    "finish",
    "kept_rules",
    "load_result",
    "open_run",
    "read_like",
    "reserved",
    "room",
    "write_edited",
]
