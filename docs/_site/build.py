"""Builds the site of one version: ``python docs/_site/build.py -o site/``.

Beside the folder of the version stand ``versions.json``, from which the pages choose others that
were built into the same place, and an ``index.html`` that leads to the newest.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
REDIRECT = """<!doctype html><meta charset="utf-8"><title>polytopic</title>
<meta http-equiv="refresh" content="0; url={0}/index.html"><a href="{0}/index.html">polytopic</a>
"""
STARTS = re.compile(r"\d+(\.\d+)*")


def build(target: Path, version: str) -> Path:
    """The folder of the version, made anew; every warning of MkDocs is an error."""
    folder = target / version
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--clean"]
    subprocess.run([*command, "--site-dir", str(folder.resolve())], cwd=ROOT, check=True)
    versions = sorted(
        (f.name for f in target.iterdir() if f.is_dir() and STARTS.match(f.name)),
        key=lambda name: [int(part) for part in STARTS.match(name)[0].split(".")],  # type: ignore[index]
        reverse=True,
    )
    rows = [{"version": name, "title": name, "aliases": []} for name in versions]
    rows[0]["aliases"] = ["latest"]
    (target / "versions.json").write_text(json.dumps(rows), encoding="utf-8")
    (target / "index.html").write_text(REDIRECT.format(versions[0]), encoding="utf-8")
    return folder


def main() -> None:
    """Read the command line."""
    import polytopic

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--version", default=polytopic.__version__)
    options = parser.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    print(build(options.output, options.version))


if __name__ == "__main__":
    main()
