"""What an experiment found: how much was tried, what failed, and what else was measured."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

__all__ = ["Failure", "Outcome"]

_SHOWN = 20
"""Kinds of failure printed: the rest is in the JSON file."""


@dataclass(frozen=True)
class Failure:
    """One thing that went wrong: ``case`` repeats it, ``kind`` groups it with its like."""

    case: str
    kind: str
    detail: str = ""


@dataclass
class Outcome:
    """Counts of an experiment; ``facts`` are figures beside them (seconds, megabytes)."""

    name: str
    tried: int = 0
    failures: list[Failure] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)

    def fail(self, case: str, kind: str, detail: str = "") -> None:
        """Note a failure."""
        self.failures.append(Failure(case, kind, detail))

    def check(self, right: bool, case: str, kind: str, detail: str = "") -> None:
        """Count one try, and note a failure unless it is ``right``."""
        self.tried += 1
        if not right:
            self.fail(case, kind, detail)

    def sentence(self) -> str:
        """The line that every experiment prints: "fuzz csv: 1,000 tried, 0 failed"."""
        return f"{self.name}: {self.tried:,} tried, {len(self.failures):,} failed"

    def describe(self) -> str:
        """The sentence, the facts, and each kind of failure with its number and first case."""
        lines = [self.sentence()]
        lines += [f"    {name}: {value}" for name, value in self.facts.items()]
        first: dict[str, Failure] = {}
        for failure in self.failures:
            first.setdefault(failure.kind, failure)
        numbers = Counter(failure.kind for failure in self.failures)
        for kind, number in numbers.most_common(_SHOWN):
            lines.append(f"  {number:6,} x {kind}")
            lines.append(f"           first: {first[kind].case} {first[kind].detail}".rstrip())
        if len(numbers) > _SHOWN:
            lines.append(f"  and {len(numbers) - _SHOWN} other kinds")
        return "\n".join(lines)

    def write(self, path: str | Path) -> None:
        """Everything as JSON."""
        record = {
            "experiment": self.name,
            "tried": self.tried,
            "failed": len(self.failures),
            "facts": self.facts,
            "failures": [vars(failure) for failure in self.failures],
        }
        text = json.dumps(record, indent=1, ensure_ascii=True, default=str)
        Path(path).write_text(text + "\n", encoding="utf-8")
