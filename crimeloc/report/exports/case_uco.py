"""The case as a graph in CASE/UCO, for exchange between investigation systems."""

from __future__ import annotations

import hashlib
import ipaddress
import json
import uuid
from pathlib import Path
from typing import Any

import pandas as pd

from crimeloc.provenance import VERSION
from crimeloc.report.content import Content
from crimeloc.report.exports.tables import about, tables_of
from crimeloc.report.withheld import voice_of

__all__ = ["case_graph", "write_case"]

_UCO = "https://ontology.unifiedcyberontology.org/uco/"
_CASE = "https://ontology.caseontology.org/case/investigation/"
_CONTEXT = {
    "case-investigation": _CASE,
    "uco-action": f"{_UCO}action/",
    "uco-core": f"{_UCO}core/",
    "uco-location": f"{_UCO}location/",
    "uco-marking": f"{_UCO}marking/",
    "uco-observable": f"{_UCO}observable/",
    "uco-tool": f"{_UCO}tool/",
    "uco-types": f"{_UCO}types/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
_HASHES = {32: "MD5", 40: "SHA1", 64: "SHA256", 96: "SHA384", 128: "SHA512"}


def write_case(
    content: Content,
    path: str | Path,
    *,
    base: str = "http://example.org/kb/",
    hash_method: str | None = None,
) -> Path:
    """How do I hand the case to another investigation system?

    Parameters
    ----------
    content : Content
        At the level of the reader.
    path : str or Path
        ``case.jsonld``.
    base : str
        Address that the names of the nodes begin with; nothing is fetched from it.
    hash_method : str, optional
        What made ``content_hash``, such as ``"SHA256"``; unless it is told, contents bear their
        hash as a name, for its length alone does not tell how it was made.

    Returns
    -------
    Path
        The file, JSON-LD after CASE 1.4 and 1.5 and UCO 1.4 and 1.5.

    Notes
    -----
    See `case_graph` for what stands for what.
    """
    graph = case_graph(content, base=base, hash_method=hash_method)
    target = Path(path)
    text = json.dumps(graph, ensure_ascii=False, allow_nan=False, indent=1)
    target.write_text(text + "\n", encoding="utf-8", newline="\n")
    return target


def case_graph(
    content: Content, *, base: str = "http://example.org/kb/", hash_method: str | None = None
) -> dict[str, Any]:
    """Which graph is this case?

    Parameters
    ----------
    content : Content
        At the level of the reader.
    base : str
        Address that the names of the nodes begin with.
    hash_method : str, optional
        As `write_case`.

    Returns
    -------
    dict
        ``@context`` and ``@graph``.

    Notes
    -----
    An upload is an Action with its time; its account, address and content are observables. Each
    candidate venue is a Relationship of kind ``Located_At`` with a confidence of 0 to 100, so that
    an uncertain location stays uncertain. A venue is a Location, its forecast an Annotation upon
    it. All of it belongs to one Investigation; the ranking is an InvestigativeAction by a Tool. At
    the level ``"disclosure"`` there are no uploads, and counts that may be told stand in the
    annotations. Names of nodes are digests of what this file tells and of nothing else, and no
    node of one file has the name of a node of another.

    References
    ----------
    Casey, E. et al. (2017). Advancing coordinated cyber-investigations and tool interoperability
    using a community developed specification language. Digital Investigation 22, 14-45.
    """
    return _Graph(content, base, hash_method).whole()


class _Graph:
    def __init__(self, content: Content, base: str, hash_method: str | None) -> None:
        self.shown, self.summary, self.voice = content, content.summary, voice_of(content)
        self.base, self.hash_method = base, hash_method
        self.tables = tables_of(content)
        told = "\n".join(part.to_csv(index=False) for part in self.tables.values())
        digest = hashlib.sha256(f"{base}\n{content.settings.lang}\n{told}".encode()).digest()
        self.space = uuid.UUID(bytes=digest[:16], version=5)
        self.nodes: dict[str, dict[str, Any]] = {}

    def whole(self) -> dict[str, Any]:
        for row in self.tables["venues"].to_dict("records"):
            self.venue(row)
        if "uploads" in self.tables:
            for _, rows in self.tables["uploads"].groupby("event_id", sort=False):
                self.upload(rows)
        contents = [
            name
            for name, node in self.nodes.items()
            if not str(node["@type"]).endswith(("Facet", "Hash"))
        ]
        self.made_by(contents)
        context = {"kb": self.base, **_CONTEXT}
        return {"@context": context, "@graph": list(self.nodes.values())}

    def add(self, kind: str, key: str, **properties: Any) -> dict[str, str]:
        """Put a node into the graph once, and give the reference to it."""
        stem = kind.partition(":")[2].lower()
        name = f"kb:{stem}-{uuid.uuid5(self.space, f'{kind} {key}')}"
        if name not in self.nodes:
            known = {key: value for key, value in properties.items() if value is not None}
            self.nodes[name] = {"@id": name, "@type": kind, **_named(known)}
        return {"@id": name}

    def venue(self, row: dict[Any, Any]) -> dict[str, str]:
        key, facets, point = str(row["venue_id"]), [], row["geometry"]
        if point is not None:
            facets.append(
                self.add(
                    "uco-location:LatLongCoordinatesFacet",
                    key,
                    location__latitude=_typed("decimal", f"{point.y:.7f}"),
                    location__longitude=_typed("decimal", f"{point.x:.7f}"),
                )
            )
        place = self.add(
            "uco-location:Location",
            key,
            core__name=str(row["name"]),
            core__externalReference=None,
            core__tag=key,
            core__hasFacet=facets or None,
        )
        voice = self.voice
        said = [
            f"{voice('col.rank')} {row['rank']}",
            f"{voice('col.probability')} {float(row['probability']):.6g}",
            f"{voice('col.expected')} {float(row['expected']):.6g}",
            voice("tip.past", n=voice.number(float(row["n"]), 1)),
        ]
        self.add(
            "uco-core:Annotation",
            key,
            core__object=place,
            core__tag="forecast",
            core__statement="; ".join(said),
        )
        return place

    def upload(self, rows: pd.DataFrame) -> None:
        first = rows.iloc[0]
        key = str(first["event_id"])
        used = [
            self.account(first.get("handle")),
            self.address(first.get("ip")),
        ]
        content = self.data(first.get("content_hash"))
        action = self.add(
            "uco-action:Action",
            key,
            core__name=key,
            action__startTime=_moment(first["timestamp"]),
            action__endTime=_moment(first.get("timestamp_end")),
            action__instrument=[one for one in used if one] or None,
            action__object=content,
            core__tag=_text(first.get("series_id")),
        )
        for row in rows.dropna(subset="venue_id").to_dict("records"):
            venue = str(row["venue_id"])
            place = self.add("uco-location:Location", venue, core__name=venue)
            sure = self.add(
                "uco-core:ConfidenceFacet",
                f"{key} {venue}",
                core__confidence=_typed("nonNegativeInteger", str(round(100 * row["weight"]))),
            )
            self.add(
                "uco-core:Relationship",
                f"{key} {venue}",
                core__source=action,
                core__target=place,
                core__kindOfRelationship="Located_At",
                core__isDirectional=True,
                core__hasFacet=sure,
                core__description=_text(row.get("how")),
            )

    def account(self, handle: Any) -> dict[str, str] | None:
        name = _text(handle)
        if name is None:
            return None
        facets = [
            self.add("uco-observable:AccountFacet", name, observable__accountIdentifier=name),
            self.add("uco-observable:DigitalAccountFacet", name, observable__displayName=name),
        ]
        return self.add("uco-observable:DigitalAccount", name, core__hasFacet=facets)

    def address(self, ip: Any) -> dict[str, str] | None:
        name = _text(ip)
        if name is None:
            return None
        try:
            kind = f"IPv{ipaddress.ip_address(name).version}Address"
        except ValueError:  # a pseudonym
            kind = "IPAddress"
        facet = self.add(f"uco-observable:{kind}Facet", name, observable__addressValue=name)
        return self.add(f"uco-observable:{kind}", name, core__hasFacet=facet)

    def data(self, value: Any) -> dict[str, str] | None:
        name = _text(value)
        if name is None:
            return None
        facet = None
        if self.hash_method and _HASHES.get(len(name)) == self.hash_method.upper():
            digest = self.add(
                "uco-types:Hash",
                name,
                types__hashMethod=self.hash_method.upper(),
                types__hashValue=_typed("hexBinary", name),
            )
            facet = self.add("uco-observable:ContentDataFacet", name, observable__hash=digest)
        return self.add("uco-observable:ContentData", name, core__name=name, core__hasFacet=facet)

    def made_by(self, contents: list[str]) -> None:
        summary, voice, content = self.summary, self.voice, self.shown
        lines = about(content)
        said = [f"{a}: {b}" for a, b in zip(lines["what"], lines["value"], strict=True)]
        tool = self.add("uco-tool:Tool", "tool", core__name="crimeloc", tool__version=VERSION)
        files = [
            self.add(
                "uco-observable:File",
                item.sha256,
                core__name=item.name,
                core__hasFacet=self.add(
                    "uco-observable:ContentDataFacet",
                    item.sha256,
                    observable__hash=self.add(
                        "uco-types:Hash",
                        item.sha256,
                        types__hashMethod="SHA256",
                        types__hashValue=_typed("hexBinary", item.sha256),
                    ),
                ),
            )
            for item in content.inputs
            if len(item.sha256) == 64
        ]
        result = [{"@id": name} for name in contents]
        record = self.add(
            "case-investigation:ProvenanceRecord",
            "record",
            core__object=result or None,
            core__description="\n".join(said),
        )
        ranking = self.add(
            "case-investigation:InvestigativeAction",
            "ranking",
            core__name="rank",
            action__instrument=tool,
            action__object=files or None,
            action__result=record,
            action__startTime=_moment(summary.at),
        )
        banner = None
        if content.settings.banner:
            model = self.add(
                "uco-marking:StatementMarking",
                content.settings.banner,
                marking__definitionType="statement",
                marking__statement=content.settings.banner,
            )
            banner = self.add(
                "uco-marking:MarkingDefinition",
                content.settings.banner,
                marking__definitionType="statement",
                marking__definition=model,
            )
        self.add(
            "case-investigation:Investigation",
            "case",
            core__name=content.settings.title or voice("title"),
            core__objectMarking=banner,
            case_investigation__focus=voice(f"level.{content.level}", threshold=content.threshold),
            core__object=[*result, record, ranking, tool, *files],
        )


def _named(properties: dict[str, Any]) -> dict[str, Any]:
    """Write ``core__name`` as ``uco-core:name``."""
    result = {}
    for key, value in properties.items():
        room, _, name = key.rpartition("__")
        prefix = "case-investigation" if room == "case_investigation" else f"uco-{room}"
        result[f"{prefix}:{name}"] = value
    return result


def _typed(kind: str, text: str) -> dict[str, str]:
    return {"@type": f"xsd:{kind}", "@value": text}


def _moment(value: Any) -> dict[str, str] | None:
    if not isinstance(value, pd.Timestamp):
        return None
    return _typed("dateTime", value.isoformat())


def _text(value: Any) -> str | None:
    return None if value is None or pd.isna(value) else str(value)
