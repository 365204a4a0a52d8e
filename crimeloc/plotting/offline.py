"""One file and no request: the page with everything inside it.

Leaflet comes out of the installed package folium-offline. The page also forbids itself every
request (a content security policy), and runs only the scripts whose hashes it names.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from crimeloc.errors import CrimelocError

__all__ = ["MapParts", "leaflet", "map_parts", "one_file", "requests_in"]


@dataclass(frozen=True)
class MapParts:
    """A folium map taken apart.

    Parameters
    ----------
    body : str
        The element that holds the map.
    script : str
        The script that draws it.
    name : str
        Name of the map in the script.
    layers : dict
        Name in the script of each layer, by its key.
    """

    body: str
    script: str
    name: str
    layers: dict[str, str]


@lru_cache(maxsize=1)
def leaflet() -> tuple[str, str]:
    """Give Leaflet's style and script, out of an installed package.

    Returns
    -------
    css, js : str
        Their texts.

    Raises
    ------
    CrimelocError
        The installed folium-offline does not carry them.
    """
    import offlinefolium

    figure: Any = offlinefolium.Map(tiles=None).get_root()
    figure.render()
    found = {name: child.render() for name, child in figure.header._children.items()}
    if "leaflet" not in found or "leaflet_css" not in found:
        raise CrimelocError(
            "folium-offline: found no Leaflet in it; expected its script and style"
            '  hint: pip install "folium-offline>=0.20"'
        )
    css = re.sub(r"</?style[^>]*>", "", found["leaflet_css"])
    css = re.sub(r"behavior:\s*url\([^)]*\);?", "", css)  # for a browser long gone
    js = re.sub(r"</?script[^>]*>", "", found["leaflet"])
    return css, re.sub(r"//# sourceMappingURL=\S*", "", js).strip()


def map_parts(folium_map: Any, layers: Mapping[str, Any]) -> MapParts:
    """Take a folium map apart, so that it can stand inside a page.

    Parameters
    ----------
    folium_map : folium.Map
        The map, its layers added.
    layers : mapping
        The layers by key.

    Returns
    -------
    MapParts
        The pieces. Names are numbered, not drawn by chance: same map, same bytes.
    """
    root = folium_map.get_root()
    for number, element in enumerate(_elements(folium_map)):
        element._id = f"{number:04d}"
    root.render()
    body = root.html.render().strip()
    return MapParts(
        body,
        root.script.render(),
        folium_map.get_name(),
        {key: layer.get_name() for key, layer in layers.items()},
    )


def one_file(
    *,
    title: str,
    lang: str,
    styles: Sequence[str],
    body: str,
    scripts: Sequence[str] = (),
    data: Mapping[str, object] | None = None,
    image_origin: str | None = None,
) -> str:
    """Give the whole page as one text.

    Parameters
    ----------
    title : str
        Plain text.
    lang : str
        Language of the page.
    styles, scripts : sequence of str
        Style sheets and scripts, put inside.
    body : str
        Markup; what came from tables is already escaped.
    data : mapping, optional
        Values for the scripts, as JSON in an element ``cl-data``.
    image_origin : str, optional
        A tile server inside the house, if the analyst named one; by default no image may come
        from outside the file.

    Returns
    -------
    str
        HTML.
    """
    hashes = " ".join(f"'sha256-{_sha256(text)}'" for text in scripts) or "'none'"
    images = "data:" + (f" {html.escape(image_origin)}" if image_origin else "")
    policy = (
        f"default-src 'none'; img-src {images}; style-src 'unsafe-inline'; "
        f"script-src {hashes}; base-uri 'none'; form-action 'none'"
    )
    sheets = "".join(f"<style>{text}</style>\n" for text in styles)
    values = json.dumps(data or {}, ensure_ascii=False, sort_keys=True)
    values = values.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
    programs = "".join(f"<script>{text}</script>\n" for text in scripts)
    return (
        f'<!DOCTYPE html>\n<html lang="{html.escape(lang)}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n<link rel="icon" href="data:,">\n'
        f"<title>{html.escape(title)}</title>\n{sheets}</head>\n<body>\n{body}\n"
        f'<script type="application/json" id="cl-data">{values}</script>\n{programs}'
        "</body>\n</html>\n"
    )


def origin(address: str) -> str:
    """Give scheme, host and port of an address.

    Parameters
    ----------
    address : str
        Such as a tile address with ``{z}/{x}/{y}``.

    Returns
    -------
    str
        The part a content security policy names.
    """
    parts = urlsplit(address.replace("{s}", "*"))
    return f"{parts.scheme}://{parts.netloc}"


def requests_in(page: str) -> list[str]:
    """Which addresses would a browser fetch when it opens this page?

    Parameters
    ----------
    page : str
        HTML.

    Returns
    -------
    list of str
        Addresses in markup and styles that are not inside the page; links that wait for a click
        do not count.

    Examples
    --------
    >>> requests_in('<img src="data:,"><script src="x.js"></script><a href="y.html">y</a>')
    ['x.js']
    """
    reader = _Reader()
    reader.feed(page)
    reader.close()
    return reader.found


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._in_style = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._in_style = tag == "style"
        for name, value in attrs:
            address = (value or "").strip()
            fetched = name in {"src", "srcset", "poster", "data", "background", "xlink:href"}
            fetched |= name == "href" and tag in {"link", "image", "use", "base"}
            if fetched and address and not address.startswith(("data:", "#")):
                self.found.append(address)
            if name == "style":
                self._style(address)

    def handle_data(self, data: str) -> None:
        if self._in_style:
            self._style(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "style":
            self._in_style = False

    def _style(self, text: str) -> None:
        for address in re.findall(r"url\(\s*['\"]?([^'\")]*)", text):
            if not address.startswith(("data:", "#")):
                self.found.append(address)
        self.found += re.findall(r"@import\s+['\"]([^'\"]+)", text)


def save_page(page: str, path: str | Path, what: str, hint: str) -> Path:
    """Write a page as one file, unless it would fetch something from outside itself.

    Parameters
    ----------
    page : str
        The markup.
    path : str or Path
        Where to; an existing file is replaced.
    what, hint : str
        For the error: what the page is, and the line that hints it.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    CrimelocError
        It would fetch something; nothing is written.
    """
    outside = requests_in(page)
    if outside:
        raise CrimelocError(
            f"{what}: found a page that fetches {outside[0]!r}; expected one that fetches nothing"
            f"  hint: {hint}"
        )
    target = Path(path)
    target.write_text(page, encoding="utf-8", newline="\n")
    return target


def _elements(element: Any) -> list[Any]:
    found = [element]
    for child in element._children.values():
        found += _elements(child)
    return found


def _sha256(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")
