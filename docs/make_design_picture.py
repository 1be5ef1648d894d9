"""Writes docs/images/imports.svg from the imports: python docs/make_design_picture.py"""

from __future__ import annotations

from pathlib import Path

from polytopic.figures.imports import picture

PICTURE = Path(__file__).parent / "images" / "imports.svg"

if __name__ == "__main__":
    PICTURE.write_text(picture(), encoding="utf-8")
    print(PICTURE)
