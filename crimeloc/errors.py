"""What crimeloc refuses, and how it says so.

Every error is a helping hand: what was found, what was awaited, and the line that mends it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["CrimelocError", "FileError", "ParameterError", "Problem", "TableError"]


class CrimelocError(Exception):
    """Base of every error that crimeloc raises on purpose.

    Examples
    --------
    >>> try:
    ...     raise ParameterError("lang", "'fr'", "'en' or 'ko'", 'lang="en"')
    ... except CrimelocError as error:
    ...     print(error)
    lang: found 'fr'; awaited 'en' or 'ko'  mend: lang="en"
    """


@dataclass(frozen=True)
class Problem:
    """One broken rule of a table.

    Parameters
    ----------
    column : str
        The column, or ``"(table)"`` when the rule speaks of the whole table.
    found : str
        What was found, with an example and where it stands.
    awaited : str
        What was awaited.
    mend : str
        The line that mends it.
    rows : int
        How many rows break the rule; 0 where the rule is not about rows.
    """

    column: str
    found: str
    awaited: str
    mend: str
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
    >>> problem = Problem("timestamp", "times without a zone", "instants",
    ...                   'read_events(..., tz="Asia/Seoul")', 3)
    >>> print(TableError("events", [problem], 120))
    events: 1 rule broken in 3 of 120 rows
      timestamp  found times without a zone; awaited instants  mend: read_events(..., tz="Asia/Seoul")
    """  # noqa: E501  (the example shows the line as a person sees it)

    def __init__(self, table: str, problems: Sequence[Problem], rows: int) -> None:
        self.table = table
        self.problems = tuple(problems)
        self.rows = rows
        super().__init__(self._text())

    def _text(self) -> str:
        broken = max((problem.rows for problem in self.problems), default=0)
        count = len(self.problems)
        where = f" in {broken} of {self.rows} rows" if broken else ""
        lines = [f"{self.table}: {count} rule{'s' if count != 1 else ''} broken{where}"]
        width = max((len(problem.column) for problem in self.problems), default=0)
        lines += [
            f"  {problem.column:<{width}}  found {problem.found}; awaited {problem.awaited}"
            f"  mend: {problem.mend}"
            for problem in self.problems
        ]
        return "\n".join(lines)


class ParameterError(CrimelocError, ValueError):
    """An argument cannot be used.

    Parameters
    ----------
    name : str
        The argument.
    found, awaited, mend : str
        What was given, what can be used, and the line that mends it.

    Examples
    --------
    >>> print(ParameterError("gap", "36", "a duration with its unit", 'gap="36h"'))
    gap: found 36; awaited a duration with its unit  mend: gap="36h"
    """

    def __init__(self, name: str, found: object, awaited: str, mend: str) -> None:
        self.name = name
        super().__init__(f"{name}: found {found}; awaited {awaited}  mend: {mend}")


class FileError(CrimelocError, ValueError):
    """A file cannot be read as what it was given for.

    Parameters
    ----------
    path : str
        The file.
    found, awaited, mend : str
        What the file is, what was awaited, and the line that mends it.

    Examples
    --------
    >>> print(FileError("log.csv", "an empty file", "a header and rows", "export the log again"))
    log.csv: found an empty file; awaited a header and rows  mend: export the log again
    """

    def __init__(self, path: object, found: str, awaited: str, mend: str) -> None:
        self.path = str(path)
        super().__init__(f"{path}: found {found}; awaited {awaited}  mend: {mend}")
