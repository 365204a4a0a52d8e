"""Results that can be put aside and taken back: the parts of an object, by name, without pickle.

A result is a tree of dataclasses, named tuples, arrays and tables. Its tree is written as JSON that
points at arrays and tables in a bundle (`crimeloc.saving`). Taking it back builds objects of
crimeloc's own classes and of no other, and runs nothing that stands in the file.
"""

from __future__ import annotations

import datetime
import enum
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from functools import singledispatchmethod
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd
import pyproj

from crimeloc.errors import FileError, ParameterError
from crimeloc.messages import Message
from crimeloc.saving import Part, read_bundle, write_bundle

__all__ = ["Saved"]

TREE = "tree"

_ROOMS = tuple(
    f"crimeloc.{room}"
    for room in ("evaluation.", "events.", "linking.", "messages.", "provenance", "ranking.")
)
"""Where the classes are that results are made of; no other module is loaded for a file."""


class Saved:
    """A result that can be saved in one file and loaded again.

    A dataclass is kept by its fields. Another class says in `_kept` what it is made of and builds
    itself from that in `_rebuilt`.
    """

    __slots__ = ()
    _kind: ClassVar[str] = ""
    """What the file is, in a word."""

    def save(self, path: str | Path) -> Path:
        """Put this aside in one file.

        Parameters
        ----------
        path : str or Path
            The file, such as ``"case.crl"``; it is there whole or not at all, and for its owner
            alone: it holds what the result rests on.

        Returns
        -------
        Path
            The file. The same result gives the same bytes.

        Raises
        ------
        ParameterError
            It holds something of your own that cannot be saved, such as a function.
        FileError
            The file cannot be written.
        """
        writer = _Writer()
        tree = writer.node(self._kept())
        return write_bundle(path, self._kind, {TREE: tree, **writer.parts}, private=True)

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Take back what `save` put aside.

        Parameters
        ----------
        path : str or Path
            The file.

        Returns
        -------
        object
            As it was.

        Raises
        ------
        FileError
            It is no such file, is damaged, or was saved by another version whose results are
            made otherwise.
        """
        parts = read_bundle(path, cls._kind)
        try:
            return cls._rebuilt(_Reader(parts).value(parts[TREE]))
        except (KeyError, TypeError, ValueError, AttributeError, ImportError) as error:
            raise FileError(
                path,
                found=Message("a saved {kind} of another version", kind=cls._kind),
                expected=Message("a saved {kind}", kind=cls._kind),
                hint="save it again with this version",
            ) from error

    def _kept(self) -> Any:
        return self

    @classmethod
    def _rebuilt(cls, kept: Any) -> Self:
        if not isinstance(kept, cls):
            raise TypeError(f"no {cls.__name__}")
        return kept


class _Writer:
    """Write the tree of an object; arrays and tables become parts, each once."""

    def __init__(self) -> None:
        self.parts: dict[str, Part] = {}
        self._seen: dict[int, tuple[Any, str]] = {}

    @singledispatchmethod
    def node(self, value: Any) -> Any:
        """Give what JSON says of a value."""
        if value is None or isinstance(value, (bool, int, float, str)):
            return value
        if is_dataclass(value) and not isinstance(value, type):
            held = {one.name: self.node(getattr(value, one.name)) for one in _kept_fields(value)}
            return {"data": _name_of(value), "fields": held}
        if _says_what_it_keeps(type(value)):
            return {"object": _name_of(value), "state": self.node(value.__getstate__())}
        raise ParameterError(
            "save",
            found=Message("a part of class {name}", name=type(value).__name__),
            expected="arrays, tables and classes of crimeloc",
            hint="leave what is your own out, and give it again after loading",
        )

    @node.register
    def _(self, value: enum.Enum) -> Any:
        return {"enum": _name_of(value), "name": value.name}

    @node.register
    def _(self, value: np.generic) -> Any:
        return self.node(np.asarray(value)) | {"scalar": True}

    @node.register
    def _(self, value: np.ndarray) -> Any:
        if value.dtype != object:
            return {"array": self._part(value)}
        return {"objects": [self.node(one) for one in value.ravel()], "shape": list(value.shape)}

    @node.register
    def _(self, value: pd.DataFrame) -> Any:
        return {"table": self._part(value)}

    @node.register
    def _(self, value: pd.Series) -> Any:
        return {"series": self._part(value.to_frame("value")), "name": self.node(value.name)}

    @node.register
    def _(self, value: pd.Timestamp) -> Any:
        zone = None if value.tz is None else str(value.tz)
        plain = value if value.tz is None else value.tz_convert("UTC")
        return {"timestamp": int(plain.as_unit("ns").value), "tz": zone, "unit": value.unit}

    @node.register
    def _(self, value: datetime.timedelta) -> Any:
        span = pd.Timedelta(value)
        return {"timedelta": int(span.as_unit("ns").value), "unit": span.unit}

    @node.register
    def _(self, value: pyproj.CRS) -> Any:
        return {"crs": value.to_json()}

    @node.register
    def _(self, value: Message) -> Any:
        held = {name: self.node(one) for name, one in value.params.items()}
        return {"message": value.code, "params": held}

    @node.register
    def _(self, value: list) -> Any:  # type: ignore[type-arg]
        return [self.node(one) for one in value]

    @node.register
    def _(self, value: tuple) -> Any:  # type: ignore[type-arg]
        held = [self.node(one) for one in value]
        return (
            {"named": _name_of(value), "of": held} if hasattr(value, "_fields") else {"tuple": held}
        )

    @node.register(set)
    @node.register(frozenset)
    def _(self, value: set[Any] | frozenset[Any]) -> Any:
        held = [self.node(one) for one in sorted(value, key=repr)]
        return {"set": held, "frozen": isinstance(value, frozenset)}

    @node.register
    def _(self, value: Mapping) -> Any:  # type: ignore[type-arg]
        held = [[self.node(key), self.node(one)] for key, one in value.items()]
        return {"dict": held, "proxy": isinstance(value, MappingProxyType)}

    @node.register
    def _(self, value: np.random.Generator) -> Any:
        state = value.bit_generator.state
        return {"generator": state["bit_generator"], "state": self.node(dict(state))}

    def _part(self, value: Any) -> str:
        if id(value) not in self._seen:
            name = f"part{len(self.parts)}"
            self.parts[name] = value
            self._seen[id(value)] = (value, name)  # the value is kept, so its id stays its own
        return self._seen[id(value)][1]


class _Reader:
    """Build the object whose tree this is."""

    def __init__(self, parts: Mapping[str, Part]) -> None:
        self.parts = parts

    def value(self, node: Any) -> Any:
        """Give what a node of the tree stands for."""
        if isinstance(node, list):
            return [self.value(one) for one in node]
        if not isinstance(node, dict):
            return node
        for kind, build in self._BUILDERS.items():
            if kind in node:
                return build(self, node)
        raise ValueError("a node of no kind")

    def _array(self, node: dict[str, Any]) -> Any:
        array = self.parts[node["array"]]
        return array[()] if node.get("scalar") else array

    def _objects(self, node: dict[str, Any]) -> Any:
        made = np.empty(len(node["objects"]), dtype=object)
        for place, one in enumerate(node["objects"]):
            made[place] = self.value(one)
        return made.reshape(node["shape"])

    def _series(self, node: dict[str, Any]) -> Any:
        return self.parts[node["series"]]["value"].rename(self.value(node["name"]))

    def _timestamp(self, node: dict[str, Any]) -> Any:
        made = pd.Timestamp(node["timestamp"], unit="ns", tz=None if node["tz"] is None else "UTC")
        made = made.as_unit(node["unit"])
        return made if node["tz"] is None else made.tz_convert(node["tz"])

    def _data(self, node: dict[str, Any]) -> Any:
        kind = _class_of(node["data"])
        if not is_dataclass(kind):
            raise TypeError(f"{node['data']} is no dataclass")
        names = [one.name for one in _kept_fields(kind)]
        if set(names) != set(node["fields"]):
            raise ValueError(f"other fields of {node['data']}")
        made = object.__new__(kind)
        for name in names:
            object.__setattr__(made, name, self.value(node["fields"][name]))
        for one in fields(kind):
            if not one.init and one.default_factory is not MISSING:
                object.__setattr__(made, one.name, one.default_factory())
        return made

    def _object(self, node: dict[str, Any]) -> Any:
        kind = _class_of(node["object"])
        if not _says_what_it_keeps(kind):
            raise TypeError(f"{node['object']} does not say what it keeps")
        made, state = object.__new__(kind), self.value(node["state"])
        if hasattr(made, "__setstate__"):
            made.__setstate__(state)
        else:
            made.__dict__.update(state)
        return made

    def _named(self, node: dict[str, Any]) -> Any:
        kind = _class_of(node["named"])
        if not (issubclass(kind, tuple) and hasattr(kind, "_fields")):
            raise TypeError(f"{node['named']} is no named tuple")
        return kind(*(self.value(one) for one in node["of"]))

    def _enum(self, node: dict[str, Any]) -> Any:
        kind = _class_of(node["enum"])
        if not issubclass(kind, enum.Enum):
            raise TypeError(f"{node['enum']} is no enumeration")
        return kind[node["name"]]

    def _dict(self, node: dict[str, Any]) -> Any:
        made = {self.value(key): self.value(one) for key, one in node["dict"]}
        return MappingProxyType(made) if node["proxy"] else made

    def _set(self, node: dict[str, Any]) -> Any:
        held = [self.value(one) for one in node["set"]]
        return frozenset(held) if node["frozen"] else set(held)

    def _generator(self, node: dict[str, Any]) -> Any:
        if node["generator"] not in ("PCG64", "PCG64DXSM", "Philox", "SFC64", "MT19937"):
            raise ValueError("a generator that numpy does not have")
        bits = getattr(np.random, node["generator"])()
        bits.state = self.value(node["state"])
        return np.random.Generator(bits)

    _BUILDERS: ClassVar[Mapping[str, Any]] = {
        "array": _array,
        "objects": _objects,
        "table": lambda self, node: self.parts[node["table"]],
        "series": _series,
        "timestamp": _timestamp,
        "timedelta": lambda _, node: pd.Timedelta(node["timedelta"], unit="ns").as_unit(
            node["unit"]
        ),
        "crs": lambda _, node: pyproj.CRS.from_json(node["crs"]),
        "message": lambda self, node: Message(
            node["message"], **{name: self.value(one) for name, one in node["params"].items()}
        ),
        "data": _data,
        "object": _object,
        "named": _named,
        "enum": _enum,
        "tuple": lambda self, node: tuple(self.value(one) for one in node["tuple"]),
        "set": _set,
        "dict": _dict,
        "generator": _generator,
    }


def _says_what_it_keeps(kind: type[Any]) -> bool:
    return any("__getstate__" in vars(one) for one in kind.__mro__ if one is not object)


def _kept_fields(value: Any) -> list[Field[Any]]:
    """Fields that are given; what an object works out for itself is worked out again."""
    return [one for one in fields(value) if one.init]


def _name_of(value: object) -> str:
    kind = type(value)
    if not kind.__module__.startswith("crimeloc."):
        raise ParameterError(
            "save",
            found=Message("a part of class {name}", name=kind.__name__),
            expected="arrays, tables and classes of crimeloc",
            hint="leave what is your own out, and give it again after loading",
        )
    return f"{kind.__module__}:{kind.__qualname__}"


def _class_of(name: str) -> type[Any]:
    """Give the class of crimeloc with this name; no other module is loaded."""
    module, _, qualified = name.partition(":")
    if not module.startswith(_ROOMS) or module.endswith("__main__"):
        raise ImportError(f"{module} holds no results of crimeloc")
    found = getattr(import_module(module), qualified)
    if not isinstance(found, type) or not found.__module__.startswith("crimeloc."):
        raise TypeError(f"{name} is no class of crimeloc")
    return found
