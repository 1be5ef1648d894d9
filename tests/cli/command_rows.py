"""The table of the commands: a call of each that cannot be answered, and what is told.

A new command is a new row: its words (``{none}`` is a path where nothing is, ``{full}`` a folder
with a file of somebody in it), the exit code and a part of the line.
"""

from __future__ import annotations

from typing import NamedTuple


class Row(NamedTuple):
    """A call, its exit code, and what stands on stderr; or on stdout where the code is 0."""

    words: str
    code: int
    told: str


ROWS: dict[str, Row] = {
    "demo": Row("-o {full}", 1, "holds other files (letter.txt), which are never overwritten"),
    "topics": Row("{none} -o {none}-run", 1, "no such file or folder"),
    "shard": Row("{none} -o {full}", 1, "no such file or folder"),
    "embed": Row("{none} -o {full}/vectors.txt", 1, "no such file or folder"),
    "infer": Row("{none} {full}/letter.txt -o {full}/new.csv", 1, "Name the folder that -o made"),
    "report": Row("{none} --language de", 1, "no such folder"),
    "view": Row("{none}", 1, "no such folder"),
    "edit": Row("{none} --hide 1", 1, "Name the folder that -o made"),
    "refit": Row("{none} -o {none}-run", 1, "no such folder"),
    "tables": Row("{none} -o {full}", 1, "holds other files (letter.txt)"),
    "update": Row("{none} {full}/letter.txt -o {none}-run", 1, "no such folder"),
    "name": Row("{none}", 1, "no such folder"),
    "find": Row("{none} king", 1, "no such folder"),
    "explain": Row("{none} --document 3", 1, "no such folder"),
    "documents": Row("{none}", 1, "no such folder"),
    "trends": Row("{none}", 1, "no such folder"),
    "judge": Row("{none}", 1, "no such folder"),
    "evaluate": Row("{none}", 1, "Name the folder that -o made"),
    "compare": Row("{none} -o {none}-found", 1, "no such file. Name a plan in TOML"),
    "similar": Row("{none} king", 1, "no such file"),
    "vectors": Row("convert {none} {none}.txt", 1, "no such file"),
    "classify": Row("predict {none} {none} -o {none}.csv", 1, "no such"),
    "sentences": Row("sample {none}", 1, "no such folder"),
    "models": Row("", 0, "Blei, Ng & Jordan"),
    "curves": Row("{none} -o {none}.svg", 1, "no such folder"),
    "figures": Row("kl-direction", 1, "Near it: kl-directions"),
    "doctor": Row("{none}", 1, "no such folder"),
}
