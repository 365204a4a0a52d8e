"""Keep the catalogues of texts in order: ``python docs/catalogues.py``.

It sorts each ``crimeloc/messages/locale/<language>.po`` by key, writes the English text above each
entry whose key is a code, adds the texts of the program that a language lacks (empty, for the
translator), and drops those that the program no longer says. For a new language, put an empty file
there and run it.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "crimeloc"
LOCALE = PACKAGE / "messages" / "locale"
CODE = re.compile(r"[a-z][\w%-]*(\.[\w%-]+)*")
"""What a code looks like: no blank in it. Any other key is the English text itself."""

_ERRORS = {"ParameterError", "FileError", "Problem"}
_SAYERS = {"Message", "AddressFault", "tell", "step"}
_PARTS = {"found", "expected", "hint"}
_NOTES = {"add", "warn", "skip"}
"""What one does with the notes of a reader."""
_SAYING = {"_say": (2,), "_name": (3,), "_Epoch": (3,), "_Kind": (1, 2)}
"""Calls of readers that hand texts on, and which of their arguments these are."""


def read(lang: str) -> dict[str, str]:
    """Give the texts of one catalogue by key."""
    with (LOCALE / f"{lang}.po").open("rb") as file:
        found: Catalog = read_po(file, locale=lang)
    return {str(entry.id): str(entry.string) for entry in found if entry.id}


def write(lang: str, texts: dict[str, str], english: dict[str, str]) -> None:
    """Write one catalogue: sorted, the English text above each code."""
    lines = [
        'msgid ""',
        'msgstr ""',
        '"Content-Type: text/plain; charset=utf-8\\n"',
        f'"Language: {lang}\\n"',
    ]
    for key in sorted(texts):
        lines.append("")
        if lang != "en" and key in english:
            lines += [f"#. {line}" for line in english[key].split("\n")]
        lines += [f"msgid {_quoted(key)}", f"msgstr {_quoted(texts[key])}"]
    (LOCALE / f"{lang}.po").write_text("\n".join(lines) + "\n", encoding="utf-8")


def said_in_code(codes: bool = False) -> dict[str, list[str]]:
    """Which texts and codes does the program say in place, and where?

    Parameters
    ----------
    codes : bool
        Only the codes of messages and faults.

    Returns
    -------
    dict
        Code, or English text, to the places (file and line) that say it.
    """
    found: dict[str, list[str]] = {}
    each = _messages if codes else _texts
    for path in sorted(PACKAGE.rglob("*.py")):
        for text, line in each(ast.parse(path.read_text(encoding="utf-8"))):
            found.setdefault(text, []).append(f"{path.relative_to(ROOT)}:{line}")
    return found


def _messages(tree: ast.AST) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _name(node.func) in _SAYERS:
            for text, line in _strings(node.args[0]) if node.args else ():
                if "." in text and CODE.fullmatch(text):
                    yield text, line


def needs_words(text: str) -> bool:
    """Is a text said in words, which need translating, and not in code, names or signs?"""
    bare = re.sub(r"\{[^}]*\}|'[^' ]*'", "", text)
    words = [token.lstrip("('\"").rstrip(",;:.'\"") for token in bare.split()]
    if not any(re.fullmatch(r"[A-Za-z][A-Za-z'-]+", word) for word in words):
        return False
    return not _is_python(text)


def _texts(tree: ast.AST) -> Iterator[tuple[str, int]]:
    spoken = _spoken_names(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = _name(node.func)
            if name in _SAYERS and node.args:
                yield from _strings(node.args[0])
            elif name in _ERRORS:
                for keyword in node.keywords:
                    if keyword.arg in _PARTS:
                        yield from _strings(keyword.value)
            elif name in {"Column", "_may"} and len(node.args) > 2:
                yield from _strings(node.args[2])
            elif name in _NOTES and _name(getattr(node.func, "value", node)) in {"notes", "said"}:
                yield from _strings(node.args[0])
            elif name in _SAYING:
                for place in _SAYING[name]:
                    yield from _strings(node.args[place]) if place < len(node.args) else ()
            elif name == "Rule":
                for part in node.args[2:5]:
                    yield from _strings(part)
        elif isinstance(node, ast.Subscript) and _name(node.value) == "notes":
            yield from _strings(node.slice)  # counted by the form of the note
        elif isinstance(node, ast.Assign) and len(node.targets) == 1:
            target = node.targets[0]
            if isinstance(target, ast.Name) and target.id in spoken:
                yield from _strings(node.value)


def _spoken_names(tree: ast.AST) -> set[str]:
    """Names of variables that are handed to an error as one of its parts."""
    return {
        keyword.value.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and _name(node.func) in _ERRORS
        for keyword in node.keywords
        if keyword.arg in _PARTS and isinstance(keyword.value, ast.Name)
    }


def _strings(node: ast.AST) -> Iterator[tuple[str, int]]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value, node.lineno
    elif isinstance(node, ast.IfExp):
        yield from _strings(node.body)
        yield from _strings(node.orelse)


def _name(node: ast.AST) -> str:
    return node.id if isinstance(node, ast.Name) else getattr(node, "attr", "")


def _is_python(text: str) -> bool:
    """A hint such as ``abs(x - y)`` is the same in every language."""
    if not re.search(r"[=(\[./<>+_]", re.sub(r"\{[^}]*\}", "", text)):
        return False
    for source in (text, f"f({text})"):
        try:
            ast.parse(source, mode="eval")
        except SyntaxError:
            continue
        return True
    return False


def _quoted(text: str) -> str:
    plain = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{plain}"'


def main() -> int:
    """Bring all catalogues up to date; the number of texts that lack a translation."""
    english = read("en")
    wanted = {text for text in said_in_code() if needs_words(text)}
    lacking = 0
    for path in sorted(LOCALE.glob("*.po")):
        lang = path.stem
        texts = read(lang)
        if lang != "en":
            kept = {key: text for key, text in texts.items() if key in english or key in wanted}
            texts = dict.fromkeys([*english, *(wanted - set(english))], "") | kept
        lacking += sum(not text for text in texts.values())
        write(lang, texts, english)
    print(f"{len(english)} codes, {len(wanted - set(english))} texts said in place")
    print(f"without a translation: {lacking}")
    return int(lacking > 0)


if __name__ == "__main__":
    sys.exit(main())
