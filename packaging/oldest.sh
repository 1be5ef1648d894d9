#!/usr/bin/env bash
# The light core with the lowest versions its dependencies may have, and the tests of its parts.
set -euo pipefail
cd "$(dirname "$0")/.."
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

"${PYTHON:-python3}" -m venv "$work/oldest"
"$work/oldest/bin/pip" install -q -c packaging/oldest.txt . pytest pytest-timeout hypothesis pandas pyarrow xlsxwriter
cp -r tests pyproject.toml docs examples "$work"  # not src: the installed package is tried
cd "$work"
oldest/bin/polytopic doctor
oldest/bin/pytest -q -p no:cacheprovider tests/topics/nmf tests/text/test_corpus.py tests/embeddings/test_vectors.py
