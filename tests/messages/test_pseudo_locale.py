"""What the command line and errors say goes through the catalogues: none of it is plain English
in the made-up language. Page, charts, paper, slides and sheets: `tests/report`."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator

import pytest

import crimeloc.cli
from crimeloc.cli.language import speak, tell
from crimeloc.errors import FileError, ParameterError, Problem, TableError
from crimeloc.messages import PSEUDO, Hint, Message


@pytest.fixture
def foreign() -> Iterator[None]:
    speak(PSEUDO)
    yield
    speak("en")


def actions(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    for action in parser._actions:
        yield action
        if isinstance(action, argparse._SubParsersAction):
            yield from action._choices_actions
            for inner in action.choices.values():
                yield from actions(inner)


def test_each_help_text_is_translated(foreign: None) -> None:
    parser = crimeloc.cli._parser()
    texts = [a.help for a in actions(parser) if a.help and a.dest not in ("help", "version")]
    assert len(texts) > 25
    assert all(text.startswith("⟦") for text in texts), [t for t in texts if t[0] != "⟦"]
    assert str(parser.description).startswith("⟦")


def test_what_is_told_is_translated(foreign: None) -> None:
    assert tell("Read") == "⟦Řęąđ⟧"
    assert not re.search("[a-z]{3}", tell("Top {n} slots", n=5))


@pytest.mark.parametrize(
    "error",
    [
        ParameterError("P", found="an empty file", expected="numbers", hint=Hint(P=1)),
        ParameterError(
            "P", found=Message("no column {name}", name="P"), expected="a plan", hint=""
        ),
        FileError("F", found="an empty file", expected="a header and rows", hint="check the name"),
        TableError(
            "T",
            [Problem(column="C", found="numbers", expected="text", hint="save it again")],
            rows=1,
        ),
    ],
)
def test_errors_are_translated(error: ParameterError | FileError | TableError) -> None:
    said = error.text(PSEUDO)
    assert "⟦" in said
    assert not re.search("[A-Za-z]{2}", said), said
