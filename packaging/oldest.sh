#!/usr/bin/env bash
# The light core with the lowest versions its dependencies may have, and the tests of its parts.
# What those depend on themselves is the newest: an old package beside a new one is what breaks.
set -euo pipefail
cd "$(dirname "$0")/.."
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

"${PYTHON:-python3}" -m venv "$work/oldest"
"$work/oldest/bin/pip" install -q -c packaging/oldest.txt . pytest pytest-timeout hypothesis pandas pyarrow xlsxwriter
cp -r tests pyproject.toml hatch_build.py docs examples "$work"  # not src: the installed package is tried
cd "$work"
unset PYTHONPATH
oldest/bin/polytopic doctor
oldest/bin/polytopic topics --help > /dev/null
oldest/bin/pytest -p no:cacheprovider -W ignore::DeprecationWarning tests/topics/nmf tests/text/test_corpus.py \
    tests/text/formats tests/embeddings/test_vectors.py tests/report/test_report.py
