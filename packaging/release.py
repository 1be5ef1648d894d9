"""Makes a release ready: ``python packaging/release.py 0.3.0``, or ``--check`` alone.

The version stands in one place, ``src/polytopic/__init__.py``; what repeats it (CITATION.cff, the
conda recipe) is written from there, and the notes are those of CHANGELOG.md under "Unreleased",
which get the version and the date. Nothing is uploaded and nothing committed: look at the
difference, then commit, tag and build.
"""

from __future__ import annotations

import argparse
import datetime
import re
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src" / "polytopic" / "__init__.py"
CHANGES = ROOT / "CHANGELOG.md"
REPEATED = {
    ROOT / "CITATION.cff": r"^version: (\S+)$",
    ROOT / "packaging" / "conda" / "recipe.yaml": r'^  version: "(\S+)"$',
}
"""Files that repeat the version, and where."""

VERSION = re.compile(r'^__version__ = "(\S+)"$', re.MULTILINE)
FORM = re.compile(r"\d+\.\d+\.\d+((a|b|rc)\d+)?")


def version() -> str:
    """The version of the source."""
    found = VERSION.search(SOURCE.read_text("utf-8"))
    assert found is not None
    return found[1]


def faults() -> list[str]:
    """What does not agree with the version of the source, a line each."""
    found = []
    for path, pattern in REPEATED.items():
        there = re.search(pattern, path.read_text("utf-8"), re.MULTILINE)
        told = there[1] if there else "none"
        if told != version():
            found.append(f"{path.relative_to(ROOT)}: has version {told}, the source {version()}")
    headings = re.findall(r"^## \[([^\]]+)\]", CHANGES.read_text("utf-8"), re.MULTILINE)
    if version() not in headings and "Unreleased" not in headings:
        found.append(f"CHANGELOG.md: has neither [{version()}] nor [Unreleased]")
    return found


def release(to: str, day: datetime.date) -> None:
    """Write the version everywhere, and date the notes."""
    SOURCE.write_text(VERSION.sub(f'__version__ = "{to}"', SOURCE.read_text("utf-8")), "utf-8")
    for path, pattern in REPEATED.items():
        text = path.read_text("utf-8")
        there = re.search(pattern, text, re.MULTILINE)
        assert there is not None
        path.write_text(text[: there.start(1)] + to + text[there.end(1) :], "utf-8")
    citation = ROOT / "CITATION.cff"
    dated = re.compile(r"^date-released: .*$", re.MULTILINE)
    text = dated.sub(f"date-released: {day}", citation.read_text("utf-8"))
    citation.write_text(text, "utf-8")
    heading = f"## [Unreleased]\n\n## [{to}] - {day}"
    CHANGES.write_text(CHANGES.read_text("utf-8").replace("## [Unreleased]", heading, 1), "utf-8")


def main() -> None:
    """Read the command line; exit code 1 if something does not agree."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("version", nargs="?", help="the version to release, as 0.3.0")
    parser.add_argument("--check", action="store_true", help="only say what does not agree")
    options = parser.parse_args()
    if options.version and not options.check:
        if not FORM.fullmatch(options.version):
            sys.exit(f"{options.version}: is no version. Write it as 0.3.0 or 0.3.0rc1.")
        release(options.version, datetime.date.today())
    print("\n".join(faults()) or f"{version()}: everything agrees.")
    sys.exit(1 if faults() else 0)


if __name__ == "__main__":
    main()
