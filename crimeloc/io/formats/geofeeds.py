"""Read geofeeds (RFC 8805) and plain lists of networks."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pandas as pd

from crimeloc.addresses import AddressFault, network_text, parse_network
from crimeloc.io.formats.encodings import decode_line, to_utf8
from crimeloc.io.formats.file_head import first_bytes
from crimeloc.io.formats.raw_table import Read, Report, counted_reasons
from crimeloc.io.reasons import rejected_table
from crimeloc.messages import Message

__all__ = ["read_geofeed"]

_FIELDS = ("network", "country", "region", "city", "postal")


def read_geofeed(path: str | Path) -> Read:
    """Where does a network operator say that its addresses are?

    Parameters
    ----------
    path : str or Path
        A geofeed (RFC 8805), or a list with one network per line.

    Returns
    -------
    Read
        ``table`` with ``network``, ``country`` (ISO 3166-1), ``region`` (ISO 3166-2), ``city``,
        ``postal`` (missing where the feed is silent) and ``source_row``; ``rejected`` as in
        `read_events`. Comments and blank lines are no rows.

    Raises
    ------
    FileError
        There is no such file, or it cannot be opened.

    Notes
    -----
    The operator's word for city and region, never a venue.

    References
    ----------
    E. Kline et al. (2020), RFC 8805, A Format for Self-Published IP Geolocation Feeds.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "feed.csv")
    ...     _ = path.write_text("# made up\\n203.0.113.0/24,KR,KR-11,Seoul,\\n2001:db8::/32,KR\\n")
    ...     feed, rejected = read_geofeed(path)
    >>> feed.city.tolist(), len(rejected)
    (['Seoul', nan], 0)
    """
    target = Path(path)
    first_bytes(target)
    text, codec, words, _ = to_utf8(target.read_bytes())
    rows: list[list[object]] = []
    broken: list[tuple[int, Message, str, str]] = []
    comments: list[str] = []
    for number, line in enumerate(re.split(rb"\r\n|\n|\r", text), start=1):
        raw, sound = decode_line(line, codec)
        if raw.lstrip().startswith("#"):
            comments.append(raw)
        if not raw.strip() or raw.lstrip().startswith("#"):
            continue
        reason, fields = _fields(raw) if sound else (Message("row.no-text", codec=codec), [])
        if reason:
            broken.append((number, reason, "network", raw))
        else:
            rows.append([*fields, number])
    table = pd.DataFrame(rows, columns=[*_FIELDS, "source_row"])
    table = table.astype(dict.fromkeys(_FIELDS, "str") | {"source_row": "int64"})
    rejected = rejected_table(broken)
    passed = (
        (
            Message(
                "{n:,} comment lines, e.g. {example}",
                n=len(comments),
                example=repr(comments[0][:60]),
            ),
        )
        if comments
        else ()
    )
    report = Report(
        target.name,
        "geofeed",
        words,
        ",",
        len(rows) + len(broken),
        len(rows),
        len(broken),
        {name: name for name in _FIELDS},
        counted_reasons(rejected),
        passed_over=passed,
    )
    return Read(table, rejected, report)


def _fields(raw: str) -> tuple[Message | None, list[object]]:
    try:
        fields = next(csv.reader([raw.split("#", 1)[0]], strict=True))
    except (csv.Error, StopIteration):
        return Message("row.quotes"), []
    fields = [field.strip() for field in fields]
    if len(fields) > len(_FIELDS) and any(fields[len(_FIELDS) :]):
        return Message("row.fields-most", count=len(fields), expected=len(_FIELDS)), []
    fields = (fields + [""] * len(_FIELDS))[: len(_FIELDS)]
    try:
        blocks = parse_network(fields[0])
    except AddressFault as fault:
        return fault.reason, []
    if len(blocks) != 1:
        return Message("network.several", shown=fields[0]), []
    if fields[1] and not re.fullmatch("[A-Za-z]{2}", fields[1]):
        return Message("network.country", shown=repr(fields[1])), []
    return None, [network_text(*blocks[0]), *[field or None for field in fields[1:]]]
