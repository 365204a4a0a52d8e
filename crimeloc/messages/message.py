"""A sentence as a code and what it quotes, so that any language can say it.

Nothing here reads a catalogue before somebody asks for a text that needs one.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import TypeAlias

from crimeloc.messages.catalogues import source_text
from crimeloc.messages.templates import fill

__all__ = ["Hint", "Message", "Param", "Said", "literal", "said", "say"]

Param: TypeAlias = (
    "str | bool | int | float | datetime | timedelta | Message | tuple[Param, ...] | None"
)
"""What a message can quote. Anything else is quoted by its `str`."""


class Message:
    """What is to be said, whatever the language?

    Parameters
    ----------
    code : str
        Key of a text in the catalogues, or the English text itself. Places to be filled stand in
        braces, with a format behind a colon: ``{n:number}``, ``{p:percent}``, ``{at:moment}``,
        ``{span:duration}``, ``{venue:이/가}``; see `crimeloc.messages.templates`.
    **params
        What the text quotes: numbers, instants, durations, names, other messages, lists of them.

    Notes
    -----
    Messages are values: equal where code and parameters are, hashable, and safe to pickle.

    Examples
    --------
    >>> one = Message("no column {name}", name="ip")
    >>> str(one), one == Message("no column {name}", name="ip")
    ('no column ip', True)
    >>> one.text("ko")
    'ip 열이 없음'
    """

    __slots__ = ("_params", "code")

    code: str
    _params: tuple[tuple[str, Param], ...]

    def __init__(self, code: str, /, **params: object) -> None:
        object.__setattr__(self, "code", str(code))
        items = tuple(sorted((name, _plain(value)) for name, value in params.items()))
        object.__setattr__(self, "_params", items)

    def __setattr__(self, name: str, value: object) -> None:
        """Refuse: a message is a value."""
        raise AttributeError(f"a Message is a value; {name} cannot be set to {value!r}")

    @property
    def params(self) -> dict[str, Param]:
        """What the text quotes, by name."""
        return dict(self._params)

    def text(self, lang: str = "en") -> str:
        """Say it in a language.

        Parameters
        ----------
        lang : str
            Language of a catalogue, such as ``"en"`` or ``"ko"``.

        Returns
        -------
        str
            The sentence; in English where the language has no text for it.
        """
        return fill(self.code, self._params, lang)

    def encode(self) -> str:
        """Write it as one compact text, for a column of a table.

        Returns
        -------
        str
            The code alone where nothing is quoted, else JSON; `decode` reads it again.

        Examples
        --------
        >>> Message("time.missing").encode(), Message("row.fields", count=7, expected=5).encode()
        ('time.missing', '["row.fields", {"count": 7, "expected": 5}]')
        """
        if not self._params and not self.code.startswith("["):
            return self.code
        return json.dumps([self.code, _packed(self)], ensure_ascii=False)

    @classmethod
    def decode(cls, text: str) -> Message:
        """Read what `encode` wrote.

        Parameters
        ----------
        text : str
            A code, or the JSON of code and parameters.

        Returns
        -------
        Message
            The message.
        """
        if not text.startswith("["):
            return cls(text)
        code, params = json.loads(text)
        return cls(code, **_unpacked(params))

    @property
    def json_params(self) -> str:
        """The parameters alone as JSON, for a column beside one of codes; empty where none."""
        return json.dumps(_packed(self), ensure_ascii=False) if self._params else ""

    @classmethod
    def of(cls, code: str, json_params: str = "") -> Message:
        """Make a message again from the two columns of a table.

        Parameters
        ----------
        code : str
            The code.
        json_params : str
            What `json_params` gave.

        Returns
        -------
        Message
            The message.

        Examples
        --------
        >>> one = Message("row.fields", count=7, expected=5)
        >>> Message.of(one.code, one.json_params) == one
        True
        """
        return cls(code, **(_unpacked(json.loads(json_params)) if json_params else {}))

    def __str__(self) -> str:
        """Say it in English."""
        return self.text("en")

    def __repr__(self) -> str:
        """Give the call that makes it."""
        quoted = "".join(f", {name}={value!r}" for name, value in self._params)
        return f"Message({self.code!r}{quoted})"

    def __eq__(self, other: object) -> bool:
        """Compare code and parameters."""
        if not isinstance(other, Message):
            return NotImplemented
        return self.code == other.code and self._params == other._params

    def __lt__(self, other: Message) -> bool:
        """Order by code, then by what is quoted, so that messages can be sorted."""
        return (self.code, self.encode()) < (other.code, other.encode())

    def __hash__(self) -> int:
        """Give equal messages one place."""
        return hash((self.code, self._params))

    def __reduce__(self) -> tuple[object, tuple[str]]:
        """Pickle as the compact text."""
        return Message.decode, (json.dumps([self.code, _packed(self)], ensure_ascii=False),)


class Hint:
    """Which argument helps, as a call that each place says in its own way.

    Parameters
    ----------
    call : str
        The function that takes the arguments; empty for the one that refused.
    **arguments
        Arguments with values that work.

    Notes
    -----
    In Python a hint reads ``gap="36h"`` or ``read_events(..., tz="Asia/Seoul")``; the command line
    says ``--tz "Asia/Seoul"``.

    Examples
    --------
    >>> print(Hint(gap="36h"))
    gap="36h"
    >>> print(Hint("read_events", tz="Asia/Seoul"))
    read_events(..., tz="Asia/Seoul")
    """

    __slots__ = ("arguments", "call")

    def __init__(self, call: str = "", /, **arguments: object) -> None:
        self.call = call
        self.arguments: dict[str, object] = {k: _simple(v) for k, v in arguments.items()}

    def __str__(self) -> str:
        """Write it as Python."""
        inside = ", ".join(f"{name}={literal(value)}" for name, value in self.arguments.items())
        return f"{self.call}(..., {inside})" if self.call else inside

    def __repr__(self) -> str:
        """Give the call that makes it."""
        inside = [repr(self.call)] if self.call else []
        inside += [f"{name}={value!r}" for name, value in self.arguments.items()]
        return f"Hint({', '.join(inside)})"

    def __eq__(self, other: object) -> bool:
        """Compare the call and its arguments."""
        if not isinstance(other, Hint):
            return NotImplemented
        return (self.call, self.arguments) == (other.call, other.arguments)

    def __hash__(self) -> int:
        """Give equal hints one place."""
        return hash(str(self))


Said: TypeAlias = "str | Message | Hint"
"""A part of an error: English text that the catalogues know, a message, or a hint."""


def say(part: object, lang: str = "en") -> str:
    """How does a part of an error read in a language?

    Parameters
    ----------
    part : object
        A text, a `Message`, a `Hint`, or a value that is shown as it is.
    lang : str
        Language of a catalogue.

    Returns
    -------
    str
        The text. English is its own key: what the catalogue does not know stays as it is.

    Examples
    --------
    >>> say("an empty file"), say("an empty file", "ko"), say((7, 24), "ko")
    ('an empty file', '빈 파일', '(7, 24)')
    """
    if isinstance(part, Message):
        return part.text(lang)
    if isinstance(part, str) and lang != "en":
        return source_text(part, lang)
    return str(part)


def said(messages: Iterable[Message], lang: str = "en") -> list[str]:
    """How do many messages read in a language? Each different one is put into words once.

    Parameters
    ----------
    messages : iterable of Message
        The messages.
    lang : str
        Language of a catalogue.

    Returns
    -------
    list of str
        Their texts.
    """
    known: dict[Message, str] = {}
    result = []
    for message in messages:
        text = known.get(message)
        if text is None:
            text = known[message] = message.text(lang)
        result.append(text)
    return result


def literal(value: object) -> str:
    """How does one write a value in Python, with double quotation marks?

    Parameters
    ----------
    value : object
        Text, numbers, and tuples, lists and mappings of them.

    Returns
    -------
    str
        The literal.

    Examples
    --------
    >>> literal(("18:00", "02:00")), literal({"*": "30D"})
    ('("18:00", "02:00")', '{"*": "30D"}')
    """
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, tuple):
        inside = ", ".join(map(literal, value))
        return f"({inside},)" if len(value) == 1 else f"({inside})"
    if isinstance(value, list):
        return f"[{', '.join(map(literal, value))}]"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{literal(k)}: {literal(v)}" for k, v in value.items()) + "}"
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 10_000:
        return f"{value:_}"
    return repr(value)


def _simple(value: object) -> object:
    """A numpy scalar as the number of Python that it is."""
    item = getattr(value, "item", None)
    return item() if callable(item) and getattr(value, "ndim", None) == 0 else value


def _plain(value: object) -> Param:
    value = _simple(value)
    if value is None or isinstance(value, (bool, int, float, datetime, timedelta, Message)):
        return value
    if isinstance(value, str):
        return str(value)
    listed = getattr(value, "tolist", None)  # of an array
    inside = listed() if callable(listed) else value
    return tuple(map(_plain, inside)) if isinstance(inside, (tuple, list)) else str(value)


def _packed(message: Message) -> dict[str, object]:
    return {name: _pack(value) for name, value in message.params.items()}


def _pack(value: Param) -> object:
    if isinstance(value, Message):
        return {"@": "message", "code": value.code, "params": _packed(value)}
    if isinstance(value, datetime):
        zone = getattr(value.tzinfo, "key", None)
        packed = {"@": "instant", "value": value.isoformat()}
        return {**packed, "tz": zone} if zone else packed
    if isinstance(value, timedelta):
        return {"@": "duration", "seconds": value.total_seconds()}
    if isinstance(value, float) and not math.isfinite(value):
        return {"@": "number", "value": str(value)}
    if isinstance(value, tuple):
        return [_pack(one) for one in value]
    return value


def _unpacked(params: Mapping[str, object]) -> dict[str, object]:
    return {name: _unpack(value) for name, value in params.items()}


def _unpack(value: object) -> object:
    if isinstance(value, list):
        return tuple(map(_unpack, value))
    if not isinstance(value, dict):
        return value
    kind = value["@"]
    if kind == "message":
        return Message(value["code"], **_unpacked(value["params"]))
    if kind == "instant":
        from zoneinfo import ZoneInfo

        moment = datetime.fromisoformat(value["value"])
        return moment.astimezone(ZoneInfo(value["tz"])) if "tz" in value else moment
    if kind == "duration":
        return timedelta(seconds=value["seconds"])
    return float(value["value"])
