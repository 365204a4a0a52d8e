"""How do I hand it on? One function per kind of file, and one that chooses by the file's name."""

from __future__ import annotations

from crimeloc.report.exports.export import FORMATS, export

__all__ = ["FORMATS", "export"]
