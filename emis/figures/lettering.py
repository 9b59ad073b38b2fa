"""Words and numbers of figures: as wide as there is room for, in English and Chinese, and never more than text."""

import unicodedata
from functools import cache
from typing import Literal, TypeAlias

__all__ = ["Lang", "cut", "joined", "number", "per_cent", "pick", "plain", "width", "wrap"]

Lang: TypeAlias = Literal["en", "zh"]

_MINUS = "\u2212"
#: Width of a letter over the size of its type [1]: ideographs are square, Latin letters about half as wide.
_SQUARE, _LATIN, _NARROW = 1.0, 0.54, 0.28
_THIN = set("ilIjt.,:;|!'()[] ")
#: What may not begin a line of Chinese.
_CLOSING = set("，。；：、）》”％！？")


def pick(lang: Lang, en: str, zh: str) -> str:
    """Return what is said in a language."""
    return zh if lang == "zh" else en


def plain(text: str) -> str:
    """Return text from a file on one line: breaks and tabs in it do not tear a figure apart."""
    return " ".join(text.split())


def width(text: str, size: float = 11) -> float:
    """Return about how wide text is set [px]."""
    return size * sum(_wide_as(letter) for letter in text)


@cache
def _wide_as(letter: str) -> float:
    if unicodedata.east_asian_width(letter) in "WF":
        return _SQUARE
    if unicodedata.combining(letter):
        return 0.0
    return _NARROW if letter in _THIN else _LATIN


def cut(text: str, room: float, size: float = 11) -> str:
    """Return text that fits into so much room [px], shortened with an ellipsis where it does not."""
    text = plain(text)
    if width(text, size) <= room:
        return text
    left, kept = room - width("…", size), 0
    for letter in text:
        left -= width(letter, size)
        if left < 0:
            break
        kept += 1
    return text[:kept].rstrip(" ,;，；、") + "…"


def wrap(text: str, room: float, size: float = 11, most: int = 3) -> list[str]:
    """Return the lines of text in so much room [px], `most` of them, the last cut; Chinese breaks between any two."""
    lines, line = [], ""
    for piece in _pieces(plain(text)):
        if line and width(line + piece.rstrip(), size) > room:
            lines.append(line.rstrip())
            line = ""
        line += piece if line or piece.strip() else ""
    lines = [*lines, line.rstrip()] if line.strip() else lines
    if len(lines) > most:
        lines = [*lines[: most - 1], cut(" ".join(lines[most - 1 :]), room, size)]
    return [cut(one, room, size) for one in lines] or [""]


def _pieces(text: str) -> list[str]:
    """Return what is not torn apart: words of letters, single ideographs with the mark that closes them."""
    found: list[str] = []
    for letter in text:
        wide = unicodedata.east_asian_width(letter) in "WF"
        glued = letter in _CLOSING or letter == " "
        if found and (glued or not (wide or found[-1].endswith(" ") or _wide(found[-1]))):
            found[-1] += letter
        else:
            found.append(letter)
    return found


def _wide(piece: str) -> bool:
    return unicodedata.east_asian_width(piece[-1]) in "WF"


def number(value: float | None, lang: Lang = "en", signed: bool = False) -> str:
    """Return a number of about three digits, thousands set apart; what is not known is said, and is no 0."""
    if value is None or value != value:
        return pick(lang, "not estimated", "未估算")
    size, sign = abs(value), "+" if signed else ""
    if size >= 99.95:
        text = f"{value:{sign},.0f}"
    elif size >= 9.995:
        text = f"{value:{sign}.1f}"
    elif size >= 0.995:
        text = f"{value:{sign}.2f}"
    else:
        text = f"{value:{sign}.2g}" if size >= 5e-5 else "0"
    if float(text.replace(",", "")) == 0:
        text = "0"
    return text.replace("-", _MINUS)


def per_cent(value: float | None, lang: Lang = "en", signed: bool = False) -> str:
    """Return per cent: whole ones, below 10 with one decimal."""
    if value is None or value != value:
        return pick(lang, "not estimated", "未估算")
    sign = "+" if signed else ""
    text = f"{value:{sign},.0f}" if abs(value) >= 9.95 else f"{value:{sign}.1f}".removesuffix(".0")
    text = "0" if float(text.replace(",", "")) == 0 else text
    return f"{text} %".replace("-", _MINUS)


def joined(parts: list[str], lang: Lang) -> str:
    """Return names one after the other."""
    return pick(lang, ", ", "、").join(parts)
