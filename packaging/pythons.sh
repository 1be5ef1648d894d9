#!/usr/bin/env bash
# A Python of each version that the package is for, as far as the PATH or pyenv have it, one a line.
set -euo pipefail
for minor in 11 12 13 14; do
    for python in "python3.$minor" "${PYENV_ROOT:-$HOME/.pyenv}/versions/3.$minor".*/bin/python; do
        # a name that is there need not run: pyenv has one for versions that are not chosen
        if "$python" -c 'import venv, ensurepip' 2> /dev/null; then
            echo "$python"
            break
        fi
    done
done
