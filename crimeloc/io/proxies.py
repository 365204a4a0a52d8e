"""Read lists of networks that hide where their users are."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd

from crimeloc.addresses import AddressFault, network_text, parse_network
from crimeloc.errors import FileError
from crimeloc.io.formats.encodings import to_utf8
from crimeloc.io.formats.file_head import first_bytes
from crimeloc.io.formats.raw_table import Read, Report, counted_reasons
from crimeloc.io.leases import read_leases
from crimeloc.io.reasons import rejected_table
from crimeloc.messages import Hint, Message

__all__ = ["read_proxy_networks"]

_MARKS = ("tor", "vpn", "proxy", "hosting", "mobile")


def read_proxy_networks(path: str | Path, *, mark: str | None = None) -> Read:
    """Which networks hide where their users are?

    Parameters
    ----------
    path : str or Path
        A MISP warning list (JSON with ``list``), a JSON list of networks, or a table with the
        columns ``network`` and ``mark``.
    mark : str, optional
        What the networks of a list are marked as, such as ``"vpn"``; by default the first of tor,
        vpn, proxy, hosting and mobile that stands in the name of the list, else ``"listed"``.

    Returns
    -------
    Read
        ``table`` with ``network``, ``mark`` and ``source_row``, for
        ``locate_events(..., proxy_networks=read_proxy_networks(path).table)``; ``rejected`` as in
        `read_events`.

    Raises
    ------
    FileError
        The file is neither.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "list.json")
    ...     _ = path.write_text('{"name": "VPN ranges", "list": ["203.0.113.0/24", "x"]}')
    ...     networks, rejected = read_proxy_networks(path)
    >>> networks[["network", "mark"]].values.tolist(), rejected.source_row.tolist()
    ([['203.0.113.0/24', 'vpn']], [2])
    """
    target = Path(path)
    head = first_bytes(target).lstrip(b"\xef\xbb\xbf \t\r\n")
    if not head.startswith((b"{", b"[")):
        read = read_leases(target, tz="UTC", columns={"venue_id": "mark"})
        table = read.table[["network", "venue_id", "source_row"]]
        return Read(table.rename(columns={"venue_id": "mark"}), read.rejected, read.report)
    texts, name = _listed(target)
    word = mark or next((one for one in _MARKS if one in name.lower()), "listed")
    rows: list[tuple[str, str, int]] = []
    broken: list[tuple[int, Message, str, str]] = []
    for number, written in enumerate(texts, start=1):
        try:
            blocks = parse_network(written)
        except AddressFault as fault:
            broken.append((number, fault.reason, "list", written[:200]))
            continue
        rows += [(network_text(*block), word, number) for block in blocks]
    table = pd.DataFrame(rows, columns=["network", "mark", "source_row"])
    table = table.astype({"network": "str", "mark": "str", "source_row": "int64"})
    rejected = rejected_table(broken)
    report = Report(
        target.name,
        "list of networks",
        "UTF-8",
        "",
        len(texts),
        len(texts) - len(broken),
        len(broken),
        {"network": "list"},
        counted_reasons(rejected),
    )
    return Read(table, rejected, report)


def _listed(path: Path) -> tuple[list[str], str]:
    """Texts of the list, and its name."""
    try:
        whole = json.loads(to_utf8(path.read_bytes())[0].decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise FileError(
            path.name,
            found=Message("damaged JSON ({why})", why=str(error)[:120]),
            expected="JSON",
            hint="export it again",
        ) from error
    name, values = path.name, whole
    if isinstance(whole, dict):
        name, values = str(whole.get("name", path.name)), whole.get("list")
    if not isinstance(values, list) or not all(isinstance(one, str) for one in values):
        raise FileError(
            path.name,
            found="JSON without a list of networks",
            expected="a MISP warning list, or columns 'network' and 'mark'",
            hint=Hint("read_leases", columns={"venue_id": "mark"}),
        )
    return values, name
