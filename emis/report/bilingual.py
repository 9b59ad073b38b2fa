"""Numbers in both languages at once, as markup of a page that shows one of them."""

from markupsafe import Markup

from emis.ambient.words import unit_word
from emis.console import amount
from emis.report.saying import LANGS

__all__ = ["both", "interval", "number"]


def both(english: str, chinese: str) -> Markup:
    """Return a text in both languages, escaped."""
    return Markup('<span lang="en">{}</span><span lang="zh">{}</span>').format(english, chinese)


def number(value: float | None, unit: str = "", signed: bool = False) -> Markup | str:
    """Return a number with its unit in both languages, or once where they write it alike."""
    english, chinese = (amount(value, unit, signed, lang) for lang in LANGS)
    return english if english == chinese else both(english, chinese)


def interval(low: float | None, high: float | None, unit: str) -> Markup | str:
    """Return the ends of an interval, the unit once."""
    if low is None or high is None:
        return "–"
    return Markup("{} – {}").format(amount(low, unit).removesuffix(f" {unit_word(unit)}"), number(high, unit))
