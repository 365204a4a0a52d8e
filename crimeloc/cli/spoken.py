"""Say an error in the words of the command line: flags instead of arguments of functions."""

from __future__ import annotations

import re
from collections.abc import Iterable

__all__ = ["spoken"]

_NAMES = {"city": "city_db", "columns": "column", "key": "key_file"}
"""Arguments of functions that the command line calls otherwise."""

_PLACES = {"command", "events", "file", "venues"}
"""Arguments of the command line that have no flag."""

_VALUE = r"""("[^"]*"|'[^']*'|[^\s,()]+)"""
_CALL = re.compile(rf"\b[a-z_.]+\((?:\.\.\., )?(\w+)={_VALUE}\)")
_ARGUMENT = re.compile(rf"(?<![\w-])(\w+)={_VALUE}")
_COLUMNS = re.compile(r"""\bcolumns=\{["'](\w+)["']: ["']([^"']*)["'][^}]*\}""")
_HEAD = re.compile(r"^(\w+): found ")


def spoken(text: str, known: Iterable[str]) -> str:
    """How does a person hint this at the command line?

    Parameters
    ----------
    text : str
        Text of an error of crimeloc.
    known : iterable of str
        Arguments of the command, as argparse names them.

    Returns
    -------
    str
        The same, with flags where the command has them: ``start="..."`` becomes ``--start "..."``.

    Examples
    --------
    >>> spoken('start: found 3; expected a moment  hint: start="2026-03-01 00:00+09:00"', ["start"])
    '--start: found 3; expected a moment  hint: --start "2026-03-01 00:00+09:00"'
    >>> spoken('x: found no zone; expected one  hint: read_events(..., tz="Asia/Seoul")', ["tz"])
    'x: found no zone; expected one  hint: --tz "Asia/Seoul"'
    """
    flags = {name: "--" + name.replace("_", "-") for name in set(known) - _PLACES}

    def flag(name: str) -> str | None:
        return flags.get(_NAMES.get(name, name))

    def argument(found: re.Match[str]) -> str:
        called = flag(found[1])
        return found[0] if called is None else f"{called} {found[2]}"

    lines = []
    for line in text.split("\n"):
        head, mark, hint = line.partition("hint: ")
        if "column" in flags:
            hint = _COLUMNS.sub(r"--column \1=\2", hint)
        hint = _ARGUMENT.sub(argument, _CALL.sub(argument, hint))
        name = _HEAD.match(head)
        called = None if name is None else flag(name[1])
        if name is not None and called is not None:
            head = f"{called}{head[len(name[1]) :]}"
        lines.append(head + mark + hint)
    return "\n".join(lines)
