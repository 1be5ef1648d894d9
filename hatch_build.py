"""Build hook: writes the Vega scripts that figures of latent spaces embed, bundled by vl-convert.

They are made when the package is built, so that an installation of the light core needs neither
vl-convert (84 MB) nor the network to write a figure that works offline. The bundle sets one global
name, ``vegaEmbed``; with its option ``ast`` it evaluates expressions by an interpreter, so that the
page's Content-Security-Policy need not allow ``eval``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SNIPPET = "window.vegaEmbed = vegaEmbed;"
"""The same as polytopic.report.assets.SNIPPET, which a source tree without the asset uses."""


class VegaScripts(BuildHookInterface):  # type: ignore[type-arg]
    """Writes ``src/polytopic/report/assets/vega.js``."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        import vl_convert

        target = Path(self.root, "src", "polytopic", "report", "assets", "vega.js")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(vl_convert.javascript_bundle(SNIPPET), encoding="utf-8")
