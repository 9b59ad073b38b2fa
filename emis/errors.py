"""What can go wrong, said so that a reader can mend it: file, line, path, what is wrong, what would be right."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["EmisError", "InfeasibleError", "InputError", "Issue", "Issues", "UnitError"]

#: A cell may hold 100,000 characters: of what is longer than this a message shows both ends [characters].
_LONGEST_WORD, _LONGEST = 300, 4000
_WORD = re.compile(rf"\S{{{_LONGEST_WORD + 1},}}")


@dataclass(frozen=True, slots=True, order=True)
class Issue:
    """One fault or warning in an input.

    Parameters
    ----------
    file : str
        File as the user named it; "" when the fault is in no file.
    line : int
        Line, from 1; 0 when it has none (Parquet, an object built in Python).
    path : str
        Where in the file: ``measures.A05.do.0.shift.share`` or a column name.
    message : str
        What is wrong and what was found.
    hint : str
        What would be right.
    """

    file: str
    line: int
    path: str
    message: str
    hint: str = ""

    def __post_init__(self) -> None:
        for name in ("path", "message", "hint"):
            text = getattr(self, name)
            if len(text) > _LONGEST_WORD:
                object.__setattr__(self, name, _shortened(text))

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        head = " ".join(part for part in (place, self.path) if part)
        text = f"{self.message}; {self.hint}" if self.hint else self.message
        return f"{head}: {text}" if head else text


def _shortened(text: str) -> str:
    """Return a text with what is too long in it cut out of its middle, and said."""
    text = _WORD.sub(lambda word: _cut(word[0], _LONGEST_WORD), text)
    return _cut(text, _LONGEST) if len(text) > _LONGEST else text


def _cut(text: str, longest: int) -> str:
    kept = longest // 3
    return f"{text[:kept]}...({len(text):,} characters)...{text[-kept:]}"


class EmisError(Exception):
    """Base of everything emis raises on purpose; `exit_code` is what the command line ends with."""

    exit_code = 1


class InputError(EmisError):
    """Faults a user mends in a file, all of them at once."""

    exit_code = 3

    def __init__(self, issues: Iterable[Issue], warnings: Iterable[Issue] = ()):
        self.issues = tuple(sorted(set(issues)))
        self.warnings = tuple(dict.fromkeys(warnings))
        super().__init__("\n".join(str(issue) for issue in self.issues))


class InfeasibleError(InputError):
    """The plan promises more of a stock than there is."""

    exit_code = 4


class Issues:
    """Faults and warnings gathered on the way, so that one run reports them all."""

    def __init__(self) -> None:
        self.errors: list[Issue] = []
        self.warnings: list[Issue] = []

    def error(self, file: str, line: int, path: str, message: str, hint: str = "") -> None:
        """Note a fault; `raise_if_any` turns it into an InputError."""
        self.errors.append(Issue(file, line, path, message, hint))

    def warn(self, file: str, line: int, path: str, message: str, hint: str = "") -> None:
        """Note something the user should know and that does not stop the run."""
        self.warnings.append(Issue(file, line, path, message, hint))

    def raise_if_any(self) -> None:
        """Raise InputError with every fault so far."""
        if self.errors:
            raise InputError(self.errors, self.warnings)


class UnitError(ValueError):
    """A quantity, unit or percentage that cannot be read.

    Parameters
    ----------
    message : str
        What is wrong and what was found.
    hint : str
        What would be right.
    """

    def __init__(self, message: str, hint: str = ""):
        """Keep both parts, for callers that show them apart."""
        super().__init__(message, hint)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        """Return message and hint on one line."""
        return f"{self.message}; {self.hint}" if self.hint else self.message
