#!/usr/bin/env bash
# Builds wheel and sdist, checks both, installs the wheel in a bare environment and runs it there.
set -euo pipefail
cd "$(dirname "$0")/.."
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

"${PYTHON:-python3}" -m venv "$work/tools"
"$work/tools/bin/pip" install -q build twine check-wheel-contents hatchling 'vl-convert-python>=1.7'
"$work/tools/bin/python" -m build --no-isolation --outdir "$work/dist" . > "$work/build.log" 2>&1 || { cat "$work/build.log"; exit 1; }
"$work/tools/bin/twine" check --strict "$work"/dist/*
"$work/tools/bin/check-wheel-contents" "$work"/dist/*.whl
ls "$work"/dist/*-py3-none-any.whl > /dev/null  # no binary of our own: one wheel for all

"${PYTHON:-python3}" -m venv "$work/bare"
"$work/bare/bin/pip" install -q "$work"/dist/*.whl
cd "$work"  # nothing of the clone is in reach
printf 'text,stars\n' > reviews.csv
for n in $(seq 40); do
    printf '"The engine of car %s burns fuel on the road",5\n"Cells divide and copy gene %s",1\n' "$n" "$n" >> reviews.csv
done
bare/bin/polytopic --version
bare/bin/polytopic doctor
bare/bin/polytopic topics reviews.csv --text text --model lda -k 2 -o run/ --quiet
test -s run/report.html
echo "The wheel works by itself."
