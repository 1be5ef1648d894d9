"""The report of a result: one self-contained HTML file."""

from __future__ import annotations

from polytopic.report.page import render, write_report

__all__ = ["render", "write_report"]
