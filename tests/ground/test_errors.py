from __future__ import annotations

import pickle

import pytest

from crimeloc.errors import CrimelocError, Dialect, FileError, ParameterError, Problem, TableError
from crimeloc.messages import Hint, Message

ERRORS = [
    TableError(
        "events",
        [
            Problem(
                column="timestamp",
                found="times without a zone",
                expected="instants",
                hint=Hint("read_events", tz="Asia/Seoul"),
                rows=3,
            ),
            Problem(
                column="ip",
                found="'n/a'",
                expected="an address",
                hint="read_events(...).rejected",
                rows=1,
            ),
        ],
        rows=120,
    ),
    ParameterError("a", found=1, expected=Message("one of {names}", names="b, c"), hint=Hint(a=2)),
    FileError("f.csv", found="an empty file", expected="rows", hint="export the file again"),
]


def test_table_error_says_found_expected_hint() -> None:
    first, second, third = str(ERRORS[0]).splitlines()
    assert first == "events: 2 rules broken in 3 of 120 rows"
    assert second.split()[0] == "timestamp"
    assert "expected an address  hint: read_events(...).rejected" in third
    assert second.index("found") == third.index("found")


@pytest.mark.parametrize("error", ERRORS)
def test_all_are_crimeloc_errors_and_value_errors(error: CrimelocError) -> None:
    assert isinstance(error, CrimelocError)
    assert isinstance(error, ValueError)


@pytest.mark.parametrize("error", ERRORS)
def test_an_error_of_another_process_arrives_whole(error: CrimelocError) -> None:
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is type(error)
    assert str(again) == str(error)
    assert again.text("ko") == error.text("ko") != str(error)


def test_a_dialect_names_arguments_its_own_way() -> None:
    flags = Dialect(lambda name: f"--{name}", lambda hint: f"--a {hint.arguments['a']}")
    assert ERRORS[1].text("en", flags) == "--a: found 1; expected one of b, c  hint: --a 2"


def test_a_table_of_one_broken_rule_speaks_of_one() -> None:
    problem = Problem(column="ip", found="no such column", expected="an address", hint="x")
    assert str(TableError("events", [problem], rows=0)).startswith("events: 1 rule broken\n")
