"""How an error is said: what was found, what was expected, and the line that helps.

The public door is `crimeloc.errors`; what stands here is what this room itself refuses with.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from crimeloc.messages.message import Hint, Message, Said, say

__all__ = ["PYTHON", "CrimelocError", "Dialect", "ParameterError", "three_parts"]


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
    >>> from crimeloc.messages import Hint
    >>> try:
    ...     raise ParameterError("lang", found="'fr'", expected="'en' or 'ko'",
    ...                          hint=Hint(lang="en"))
    ... except CrimelocError as error:
    ...     print(error)
    lang: found 'fr'; expected 'en' or 'ko'  hint: lang="en"
    """

    __module__ = "crimeloc.errors"

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


def three_parts(found: object, expected: object, hint: object, lang: str, dialect: Dialect) -> str:
    """How do the three parts of an error read in one sentence?

    Parameters
    ----------
    found, expected, hint : str, Message, Hint or object
        The parts.
    lang : str
        Language of a catalogue.
    dialect : Dialect
        How arguments are called where the error is shown.

    Returns
    -------
    str
        The sentence.
    """
    advice = dialect.hint(hint) if isinstance(hint, Hint) else say(hint, lang)
    sentence = Message(
        "found {found}; expected {expected}  hint: {hint}",
        found=say(found, lang),
        expected=say(expected, lang),
        hint=advice,
    )
    return sentence.text(lang)


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
    >>> from crimeloc.messages import Hint
    >>> error = ParameterError("gap", found="36", expected="a duration with its unit",
    ...                        hint=Hint(gap="36h"))
    >>> print(error)
    gap: found 36; expected a duration with its unit  hint: gap="36h"
    >>> print(error.text("ko"))
    gap: 확인: 36; 필요: 단위를 붙인 기간  해결: gap="36h"
    """

    __module__ = "crimeloc.errors"

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
        said = three_parts(self.found, self.expected, self.hint, lang, dialect)
        return f"{dialect.name(self.name)}: {said}"
