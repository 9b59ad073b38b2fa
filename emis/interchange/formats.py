"""What a format is: how it is recognised, read and written, and what it can carry."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from emis.errors import Issues
from emis.interchange.series import Series
from emis.io.folders import Folder

__all__ = ["Format", "Given", "Head", "Settings", "Told"]


@dataclass(frozen=True)
class Settings:
    """What the user says about a conversion; None and "" where nothing is said.

    Attributes
    ----------
    year : int, optional
        The year to take of a file that has several, or that does not say its own.
    scenario : str
        The scenario to take of a file that has several; what to call it in a file that names one.
    model : str
        What to write where a format names the model.
    region : str
        What to call the whole area where a format names regions: ``China|Beijing|Mentougou``, ``CHN``.
    by : str
        How far categories are told apart where a format has levels: "sector", "category" or "source".
    sheet, encoding : str, optional
        Sheet of a workbook, encoding of a text file.
    mapping : Path, optional
        A mapping.yaml that says what the columns of a table are.
    grid : Path, optional
        A grid.yaml that says how sources come onto a grid.
    crosswalk : Path, optional
        A table of weights between the labels of emis and a nomenclature; what it does not say is as emis has it.
    lang : str
        "en" or "zh".
    """

    year: int | None = None
    scenario: str = ""
    model: str = "emis"
    region: str = ""
    by: str = "category"
    sheet: str | None = None
    encoding: str | None = None
    mapping: Path | None = None
    grid: Path | None = None
    crosswalk: Path | None = None
    lang: str = "en"


@dataclass(frozen=True)
class Head:
    """The beginning of a file, for telling what it is: its first lines, of a workbook the first rows of each sheet."""

    path: Path
    lines: tuple[str, ...] = ()
    sheets: dict[str, list[list[str]]] = field(default_factory=dict)

    @property
    def suffix(self) -> str:
        """The ending of the name, in small letters."""
        return self.path.suffix.lower()

    @property
    def header(self) -> list[str]:
        """The cells of the first line that is no comment, in small letters, without quotes; of a workbook's first
        sheet."""
        for rows in self.sheets.values():
            return [cell.strip().lower() for cell in rows[0]] if rows else []
        first = next((line for line in self.lines if line.strip() and not line.lstrip().startswith("#")), "")
        delimiter = max((",", "\t", ";"), key=first.count)
        return [cell.strip().strip('"').strip().lower() for cell in first.split(delimiter)]

    @property
    def comments(self) -> list[str]:
        """The lines that start with #, without it."""
        return [line.strip().lstrip("#").strip() for line in self.lines if line.lstrip().startswith("#")]


@dataclass(frozen=True)
class Given:
    """A file to be read.

    `shown` is how messages name it. What else is read on the way goes through `folder`, which notes it.
    """

    path: Path
    shown: str
    folder: Folder
    settings: Settings


@dataclass(frozen=True)
class Told:
    """What a writer has to say beyond faults and warnings: lines for the reader, the same as JSON has it, and which
    files it read on the way."""

    lines: tuple[str, ...] = ()
    record: Mapping[str, Any] = field(default_factory=dict)
    read: tuple[Path, ...] = ()


#: Reads a file into one series for each scenario in it; faults and warnings go to the issues.
Reader = Callable[[Given, Issues], Sequence[Series]]
#: Writes series to a path, which is in a folder of its own; files that belong to it may stand beside it. What it has
#: to say goes to the issues as warnings; errors refuse what cannot be written. It may return what else there is to say.
Writer = Callable[[Sequence[Series], Path, Settings, Issues], Told | None]


@dataclass(frozen=True)
class Format:
    """A format.

    Attributes
    ----------
    name : str
        As ``--from`` and ``--to`` name it.
    title : str
        What it is, for the table of formats.
    suffix : str
        The ending of a file's name that is written; "" for a folder.
    carries : frozenset of str
        Names of `facets.FACETS` that it can carry; what else a series holds is told as lost.
    recognises : callable, optional
        Tells from the head of a file whether it is one.
    read, write : callable, optional
        None where it cannot be read, or written.
    owns : callable, optional
        Of a format whose suffix names a folder: tells whether a folder that is there was written by it, and may be
        replaced. Other folders hold a mark that says so.
    finer : mapping
        What it carries beside, where categories are told apart as far as `Settings.by` says.
    """

    name: str
    title: str
    suffix: str
    carries: frozenset[str] = frozenset()
    recognises: Callable[[Head], bool] | None = None
    read: Reader | None = None
    write: Writer | None = None
    owns: Callable[[Path], bool] | None = None
    finer: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @property
    def is_folder(self) -> bool:
        """Whether what is written is a folder."""
        return not self.suffix or self.owns is not None

    def holds(self, settings: Settings) -> frozenset[str]:
        """Return the names of `facets.FACETS` that it carries as the user wants it written."""
        return self.carries | self.finer.get(settings.by, frozenset())
