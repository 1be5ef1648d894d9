"""Checks a built site as a reader's browser sees it: ``python docs/_site/check.py site/0.2.0``.

Every page is opened in headless Chromium from a server of this process: no violation of axe-core's
rules, in light and in dark, no error in the console, no request to another host, no page above a
megabyte with all that it loads for the first time. And every public name has its place in the API.
"""

from __future__ import annotations

import argparse
import json
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from polytopic.figures.camera import browser

LARGEST_PAGE = 1_000_000
"""Bytes a page may have the browser load, pictures included."""

STANDARDS = ["wcag2a", "wcag2aa"]
"""The rules of axe-core that hold: the levels A and AA."""

SCHEMES = ("default", "slate")
"""Light and dark, as the theme calls them: a page is read in both."""

_IN_SCHEME = """
const still = "<style>* { transition: none !important; }</style>";
document.head.insertAdjacentHTML("beforeend", still);
document.body.setAttribute("data-md-color-scheme", arguments[0]);
"""
"""Colours at once, so that none is judged on its way to another."""


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *arguments: Any) -> None:
        """Nothing: each page would be a line."""


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The folder at an address of this machine."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()


def faults_of(driver: Any, host: str, page: str) -> list[str]:
    """What is wrong with a page, a line each."""
    from axe_core_python.selenium import Axe

    driver.get_log("browser"), driver.get_log("performance")
    driver.execute_cdp_cmd("Network.setCacheDisabled", {"cacheDisabled": True})
    driver.get(host + page)
    found = [
        f"{page}: console: {line['message']:.200}"
        for line in driver.get_log("browser")
        if line["level"] == "SEVERE"
    ]
    size = 0
    for line in driver.get_log("performance"):
        message = json.loads(line["message"])["message"]
        if message["method"] == "Network.requestWillBeSent":
            url = message["params"]["request"]["url"]
            if not url.startswith((host, "data:", "blob:", "chrome")):
                found.append(f"{page}: asks {url:.200}")
        elif message["method"] == "Network.loadingFinished":
            size += int(message["params"]["encodedDataLength"])
    if size > LARGEST_PAGE:
        found.append(f"{page}: {size:,} bytes")
    for scheme in SCHEMES:
        driver.execute_script(_IN_SCHEME, scheme)
        result = Axe().run(driver, options={"runOnly": {"type": "tag", "values": STANDARDS}})
        for violation in result["violations"]:
            where = violation["nodes"][0]["target"]
            told = f"{violation['id']}: {where} ({len(violation['nodes'])} times)"
            found.append(f"{page}, {scheme}: {told}")
    return found


def uncovered(folder: Path) -> list[str]:
    """Public names without a place in the API."""
    import polytopic

    pages = "".join(f.read_text("utf-8") for f in sorted((folder / "api").glob("*.html")))
    names = [name for name in polytopic.__all__ if name not in polytopic._MODULES]
    names = [name for name in names if not name.startswith("__")]
    return [f"{name}: has no place in the API" for name in names if f'.{name}"' not in pages]


def main() -> None:
    """Read the command line; exit code 1 if there is a fault."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="the built site of a version")
    parser.add_argument("--every", type=int, default=1, help="look at every n-th page only")
    options = parser.parse_args()
    pages = sorted(str(f.relative_to(options.folder)) for f in options.folder.rglob("*.html"))
    faults = uncovered(options.folder)
    with browser("browser", "performance") as driver, served(options.folder.parent) as address:
        for page in pages[:: options.every]:
            faults += faults_of(driver, address, f"{options.folder.name}/{page}")
    print("\n".join(faults) or f"{len(pages[:: options.every])} of {len(pages)} pages: no fault.")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
