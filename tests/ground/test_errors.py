from __future__ import annotations

from crimeloc.errors import CrimelocError, FileError, ParameterError, Problem, TableError


def test_table_error_says_found_awaited_mend() -> None:
    problems = [
        Problem("timestamp", "times without a zone", "instants", "tz=...", 3),
        Problem("ip", "'n/a'", "an address", "read_events(...).rejected", 1),
    ]
    text = str(TableError("events", problems, 120))
    first, second, third = text.splitlines()
    assert first == "events: 2 rules broken in 3 of 120 rows"
    assert second.split()[0] == "timestamp"
    assert "awaited an address  mend: read_events(...).rejected" in third
    assert second.index("found") == third.index("found")


def test_all_are_crimeloc_errors_and_value_errors() -> None:
    for error in (
        TableError("x", [], 0),
        ParameterError("a", 1, "b", "c"),
        FileError("f", "", "", ""),
    ):
        assert isinstance(error, CrimelocError)
        assert isinstance(error, ValueError)
