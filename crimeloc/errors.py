"""What crimeloc refuses, and how it says so.

Every error is a helping hand: what was found, what was expected, and the line that helps. Its parts
are messages, so that any language of the catalogues can say them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from crimeloc.messages.message import Hint, Message, Said, say

__all__ = [
    "PYTHON",
    "CrimelocError",
    "Dialect",
    "FileError",
    "ParameterError",
    "Problem",
    "TableError",
]


class Dialect(NamedTuple):
    """How arguments are called where an error is shown.

    Parameters
    ----------
    name : callable
        From the argument of a function to what the person calls it.
    hint : callable
        From a `Hint` to the line that the person would type.
    """

    name: Callable[[str], str]
    hint: Callable[[Hint], str]


PYTHON = Dialect(str, str)
"""As one writes it in Python."""


class CrimelocError(Exception):
    """Base of every error that crimeloc raises on purpose.

    Examples
    --------
    >>> try:
    ...     raise ParameterError("lang", found="'fr'", expected="'en' or 'ko'",
    ...                          hint=Hint(lang="en"))
    ... except CrimelocError as error:
    ...     print(error)
    lang: found 'fr'; expected 'en' or 'ko'  hint: lang="en"
    """

    def text(self, lang: str = "en", dialect: Dialect = PYTHON) -> str:
        """Say the error in a language.

        Parameters
        ----------
        lang : str
            Language of a catalogue, such as ``"en"`` or ``"ko"``.
        dialect : Dialect
            How arguments are called where the error is shown.

        Returns
        -------
        str
            What was found, what was expected, and the line that helps.
        """
        del lang, dialect
        return super().__str__()

    def __str__(self) -> str:
        """Say it in English, as one writes it in Python."""
        return self.text()

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the parts, so that an error of another process arrives whole."""
        return _again, (type(self), self.args, self.__dict__)


def _again(kind: type[CrimelocError], args: tuple[object, ...], parts: dict[str, Any]) -> Any:
    error = kind.__new__(kind, *args)
    error.__dict__.update(parts)
    return error


def _three(found: object, expected: object, hint: object, lang: str, dialect: Dialect) -> str:
    """The three parts of every error, in one sentence."""
    advice = dialect.hint(hint) if isinstance(hint, Hint) else say(hint, lang)
    sentence = Message(
        "found {found}; expected {expected}  hint: {hint}",
        found=say(found, lang),
        expected=say(expected, lang),
        hint=advice,
    )
    return sentence.text(lang)


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One broken rule of a table.

    Parameters
    ----------
    column : str
        The column, or ``"(table)"`` when the rule speaks of the whole table.
    found : str or Message
        What was found, with an example and where it stands.
    expected : str or Message
        What was expected.
    hint : str, Message or Hint
        The line that helps.
    rows : int
        How many rows break the rule; 0 where the rule is not about rows.
    """

    column: str
    found: Said
    expected: Said
    hint: Said
    rows: int = 0


class TableError(CrimelocError, ValueError):
    """A table breaks its contract.

    Parameters
    ----------
    table : str
        Name of the contract, in lower case.
    problems : sequence of Problem
        The broken rules, in the order of the columns.
    rows : int
        Rows of the table.

    Examples
    --------
    >>> problem = Problem(column="timestamp", found="times without a zone", expected="instants",
    ...                   hint=Hint("read_events", tz="Asia/Seoul"), rows=3)
    >>> print(TableError("events", [problem], rows=120))
    events: 1 rule broken in 3 of 120 rows
      timestamp  found times without a zone; expected instants  hint: read_events(..., tz="Asia/Seoul")
    """  # noqa: E501  (the example shows the line as a person sees it)

    def __init__(self, table: str, problems: Sequence[Problem], *, rows: int) -> None:
        self.table = table
        self.problems = tuple(problems)
        self.rows = rows
        super().__init__()

    def text(self, lang: str = "en", dialect: Dialect = PYTHON) -> str:
        """Say the error in a language.

        Parameters
        ----------
        lang : str
            Language of a catalogue.
        dialect : Dialect
            How arguments are called where the error is shown.

        Returns
        -------
        str
            How many rules are broken, and one line for each.
        """
        broken = max((problem.rows for problem in self.problems), default=0)
        counts = {"table": self.table, "n": len(self.problems), "rows": self.rows}
        head = Message("{table}: {n} {n:plural rule/rules} broken", **counts)
        if broken:
            head = Message(
                "{table}: {n} {n:plural rule/rules} broken in {broken} of {rows} rows",
                broken=broken,
                **counts,
            )
        width = max((len(problem.column) for problem in self.problems), default=0)
        lines = [
            f"  {one.column:<{width}}  {_three(one.found, one.expected, one.hint, lang, dialect)}"
            for one in self.problems
        ]
        return "\n".join([head.text(lang), *lines])


class ParameterError(CrimelocError, ValueError):
    """An argument cannot be used.

    Parameters
    ----------
    name : str
        The argument.
    found : str, Message or object
        What was given.
    expected : str or Message
        What can be used.
    hint : str, Message or Hint
        The line that helps.

    Examples
    --------
    >>> error = ParameterError("gap", found="36", expected="a duration with its unit",
    ...                        hint=Hint(gap="36h"))
    >>> print(error)
    gap: found 36; expected a duration with its unit  hint: gap="36h"
    >>> print(error.text("ko"))
    gap: 입력값 36, 필요한 값 단위를 붙인 기간  해결: gap="36h"
    """

    def __init__(self, name: str, *, found: object, expected: Said, hint: Said) -> None:
        self.name = name
        self.found = found
        self.expected = expected
        self.hint = hint
        super().__init__()

    def text(self, lang: str = "en", dialect: Dialect = PYTHON) -> str:
        """Say the error in a language.

        Parameters
        ----------
        lang : str
            Language of a catalogue.
        dialect : Dialect
            How arguments are called where the error is shown.

        Returns
        -------
        str
            The argument, what was found, what was expected, and the line that helps.
        """
        said = _three(self.found, self.expected, self.hint, lang, dialect)
        return f"{dialect.name(self.name)}: {said}"


class FileError(CrimelocError, ValueError):
    """A file cannot be read as what it was given for.

    Parameters
    ----------
    path : str or Path
        The file.
    found, expected : str or Message
        What the file is, and what was expected.
    hint : str, Message or Hint
        The line that helps.

    Examples
    --------
    >>> print(FileError("log.csv", found="an empty file", expected="a header and rows",
    ...                 hint="export the file again"))
    log.csv: found an empty file; expected a header and rows  hint: export the file again
    """

    def __init__(self, path: object, *, found: Said, expected: Said, hint: Said) -> None:
        self.path = str(path)
        self.found = found
        self.expected = expected
        self.hint = hint
        super().__init__()

    def text(self, lang: str = "en", dialect: Dialect = PYTHON) -> str:
        """Say the error in a language.

        Parameters
        ----------
        lang : str
            Language of a catalogue.
        dialect : Dialect
            How arguments are called where the error is shown.

        Returns
        -------
        str
            The file, what was found, what was expected, and the line that helps.
        """
        return f"{self.path}: {_three(self.found, self.expected, self.hint, lang, dialect)}"
