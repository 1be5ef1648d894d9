"""Renders the conda recipe as rattler-build reads it, and says what it would build.

    python packaging/render_recipe.py    (pip install py-rattler-build)

A recipe that rattler-build cannot read, or a version that is not the source's, ends it with exit
code 1. Nothing is built: the packages of a build come from conda's channels.
"""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

from rattler_build import Stage0Recipe

HERE = Path(__file__).parent


def main() -> None:
    """Render the recipe; exit code 1 if it has another version than the source."""
    variants = Stage0Recipe.from_file(str(HERE / "conda" / "recipe.yaml")).render()
    version = runpy.run_path(str(HERE / "release.py"))["version"]()
    for variant in variants:
        package = variant.recipe.to_dict()["package"]
        print(f"conda recipe: {package['name']} {package['version']}")
        if package["version"] != version:
            sys.exit(f"conda recipe: has version {package['version']}, the source {version}")


if __name__ == "__main__":
    main()
