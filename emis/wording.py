"""A plan in words: what a measure does, when it is in place, how sure its numbers are; English and Chinese."""

from collections.abc import Iterator, Mapping
from typing import Any, Literal, TypeAlias, get_args

from pydantic.fields import FieldInfo

from emis import units
from emis.measures import Abate, Cap, Close, Effect, Limit, Measure, Replace, Scale, Shift
from emis.numerals import plain
from emis.plan import Alert, Milestone, Target
from emis.schema import InUnit
from emis.selectors import Destination
from emis.verb import Interval, Uncertainty, Verb

__all__ = ["Lang", "does", "per_cent", "ranges", "threshold", "when"]

Lang: TypeAlias = Literal["zh", "en"]

_WORDS = {
    "ban burning": "禁烧",
    "capture": "收集",
    "change speed": "车速调整",
    "clean fuel": "清洁油品",
    "cop": "COP",
    "cover": "覆盖",
    "cut": "削减",
    "cut fertiliser": "化肥减量",
    "destruction": "去除",
    "electrify": "电动化",
    "enclose": "密闭",
    "excess": "超标倍数",
    "factor": "因子",
    "found": "查出率",
    "from": "自",
    "heat pumps": "空气源热泵",
    "heat value": "热值",
    "inspect": "检查整改",
    "low nox burners": "低氮燃烧",
    "low voc": "低 VOC 替代",
    "mended": "整改率",
    "non compliant": "不达标比例",
    "purifiers": "净化器",
    "quality coal": "优质煤",
    "quality heat value": "优质煤热值",
    "renew": "新增更新",
    "replaced by": "替换为",
    "retrofit": "治理改造",
    "revegetate": "复绿",
    "scrap": "淘汰",
    "speed": "车速",
    "stage 1": "卸油回收",
    "stage 2": "加油回收",
    "stove efficiency": "炉具效率",
    "substitute": "水性替代",
    "sulphur": "含硫量",
    "turnover": "年更新率",
    "until": "至",
    "activity": "活动水平",
    "amount": "数量",
    "at most": "不超过",
    "by": "截至",
    "effectiveness": "有效率",
    "efficiency": "去除效率",
    "ends": "关停",
    "fenced": "围挡",
    "for": "覆盖",
    "fully in place in every year after the base year": "基准年之后各年均完全落实",
    "ground covered": "裸土覆盖",
    "hardened": "路面硬化",
    "housing": "圈舍",
    "implementation": "落实率",
    "in all": "合计",
    "in months": "月份",
    "in place of the existing control": "取代现有控制措施",
    "likely": "最可能",
    "low protein feed": "低蛋白饲料",
    "manage manure": "粪污管理",
    "material covered": "物料覆盖",
    "moves": "将",
    "new factor": "新排放因子",
    "nitrogen": "氮",
    "off site": "清单之外",
    "out of the inventory": "移出清单",
    "penetration": "覆盖率",
    "removes": "去除",
    "seal sites": "工地“六个百分之百”",
    "share": "比例",
    "silt reduction": "积尘负荷下降",
    "spreading": "施用",
    "sprayed": "洒水",
    "storage": "贮存",
    "to": "转为",
    "vapour recovery": "油气回收",
    "wash roads": "道路冲扫洗收",
    "washed": "车辆冲洗",
    "yield": "转换比",
}


def _word(text: str, lang: Lang) -> str:
    text = text.replace("_", " ")
    return _WORDS.get(text, text) if lang == "zh" else text


def per_cent(share: float, signed: bool = False) -> str:
    """Return a share as text: 0.6 is ``60 %``."""
    return f"{100 * share:{'+' if signed else ''}.6g} %".replace("-", "−")


# -- what it does ----------------------------------------------------------------------------------------------------


def does(effect: Effect, lang: Lang = "en") -> str:
    """Return what one effect does, with its numbers and what narrows its selection."""
    verb = effect.written
    text = "".join(_told(verb, effect.name, lang))
    return f"{text} ({verb.select})" if verb.select is not None else text


def _told(verb: Verb, name: str, lang: Lang) -> Iterator[str]:
    if isinstance(verb, Scale):
        yield f"{_word('activity', lang)} {per_cent(verb.activity, signed=True)}"
    elif isinstance(verb, Shift | Close):
        yield from _moved(verb, lang)
    elif isinstance(verb, Abate):
        shares = {name: per_cent(value) for name, value in verb.efficiencies().items()}
        yield f"{_word('removes', lang)} {_grouped(shares)}{_reached(verb, lang)}"
        if verb.replaces:
            yield f", {_word('in place of the existing control', lang)}"
    elif isinstance(verb, Replace | Limit):
        head, values = ("new factor", verb.factor) if isinstance(verb, Replace) else ("at most", verb.at_most)
        yield f"{_word(head, lang)} {_grouped(values)}"
        if verb.share != 1:
            yield f", {_word('for', lang)} {per_cent(verb.share)}"
    elif isinstance(verb, Cap):
        yield f"{_word('in all', lang)} {_word('at most', lang)} {_grouped(verb.at_most)}"
    else:
        yield f"{_word(name, lang)}: {_arguments(verb, lang)}"


def _moved(verb: Shift | Close, lang: Lang) -> Iterator[str]:
    amount = per_cent(verb.share) if verb.share is not None else str(verb.amount)
    if isinstance(verb, Close):
        yield f"{_word('ends', lang)} {amount}{_reached(verb, lang)}"
        return
    yield f"{_word('moves', lang)} {amount}{_reached(verb, lang)} "
    if verb.to == "outside":
        yield _word("out of the inventory", lang)
    else:
        changes = ", ".join(f"{label} {value}" for label, value in verb.to.changes().items())
        yield f"{_word('to', lang)} {changes}"
    if verb.yield_ is not None:
        yield f", {_word('yield', lang)} {_plain(verb.yield_)}"
    if verb.offsite:
        yield f", {_word('off site', lang)} {_grouped(verb.offsite)}"


def _reached(verb: Abate | Shift | Close, lang: Lang) -> str:
    parts = {name: getattr(verb, name) for name in ("penetration", "effectiveness")}
    return "".join(f" × {_word(name, lang)} {per_cent(value)}" for name, value in parts.items() if value != 1)


def _grouped(values: Mapping[str, object]) -> str:
    """Return values by pollutant, those with one value together: ``NOx, CO 40 %; VOC 30 %``."""
    names: dict[str, list[str]] = {}
    for name, value in values.items():
        names.setdefault(str(value), []).append(name)
    return "; ".join(f"{', '.join(several)} {value}" for value, several in names.items())


def _arguments(verb: Verb, lang: Lang) -> str:
    """Return the arguments of a sector's lever: those that are given and not as they are without being given."""
    shown = []
    for name, field in type(verb).model_fields.items():
        value = getattr(verb, name)
        if name in ("select", "uncertainty") or value is None or value == field.default:
            continue
        shown.append(f"{_word(field.alias or name, lang)} {_value(value, _readers(field))}")
    return ", ".join(shown)


def _value(value: object, readers: set[Any]) -> str:
    """Return the value of an argument with the unit it is written in."""
    if isinstance(value, Destination):
        return ", ".join(f"{label} {text}" for label, text in value.changes().items())
    if isinstance(value, dict):
        return _grouped({key: _value(one, {units.share} if 0 <= one <= 1 else set()) for key, one in value.items()})
    if not isinstance(value, float):
        return str(value)
    unit = next((reader.unit for reader in readers if isinstance(reader, InUnit)), "")
    if units.rate in readers:
        return f"{per_cent(value)}/yr"
    return per_cent(value) if readers & {units.share, units.signed_share} else f"{plain(value)} {unit}".strip()


def _plain(value: object) -> str:
    return plain(value) if isinstance(value, float) else str(value)


def _readers(field: FieldInfo) -> set[Any]:
    """Return what a field is read by: whether as a share, a rate, or in a unit."""

    def marks(annotation: Any) -> Iterator[Any]:
        yield from getattr(annotation, "__metadata__", ())
        for one in get_args(annotation):
            yield from marks(one)

    found = (getattr(mark, "func", None) for mark in (*field.metadata, *marks(field.annotation)))
    return {one for one in found if one is not None}


# -- when, how sure, how much ----------------------------------------------------------------------------------------


def when(measure: Measure, lang: Lang = "en") -> str:
    """Return when a measure is in place: its levels by date or year, and its months."""
    course = measure.course()
    if course is None:
        text = _word("fully in place in every year after the base year", lang)
    else:
        text = ", ".join(f"{key} {per_cent(level)}" for key, level in course.dates or course.years)
    if measure.months:
        text += f"; {_word('in months', lang)} {', '.join(map(str, measure.months))}"
    return text


def ranges(measure: Measure, lang: Lang = "en") -> str:
    """Return the ranges of a measure's numbers, its own first and then those of each effect."""
    parts = list(_ranges(measure.uncertainty, lang))
    for number, effect in enumerate(measure.do, start=1):
        head = f"{number}: " if len(measure.do) > 1 else ""
        parts += [f"{head}{text}" for text in _ranges(effect.written.uncertainty, lang)]
    return "; ".join(parts)


def _ranges(given: Uncertainty | None, lang: Lang) -> Iterator[str]:
    for name, interval in (given or {}).items():
        if isinstance(interval, Interval):
            yield f"{_word(name, lang)} {_range(interval, lang)}"
            continue
        for pollutant, one in interval.items():
            yield f"{_word(name, lang)} {pollutant} {_range(one, lang)}"


def _range(interval: Interval, lang: Lang) -> str:
    if interval.cv is not None:
        return f"± cv {per_cent(interval.cv)}"
    likely = f" ({_word('likely', lang)} {interval.likely})" if interval.likely is not None else ""
    return f"{interval.low} … {interval.high}{likely}"


def threshold(promise: Milestone | Target | Alert, lang: Lang = "en") -> str:
    """Return what a milestone, target or alert level asks for and by when; empty when it asks for no number."""
    parts = []
    if isinstance(promise, Target) and promise.reduce_by is not None:
        parts.append(f"−{per_cent(promise.reduce_by)}{f' ({promise.since})' if promise.since else ''}")
    for name, sign in (("at_least", "≥"), ("at_most", "≤"), ("equals", "=")):
        value = getattr(promise, name, None)
        if value is not None:
            parts.append(f"{sign} {per_cent(value) if isinstance(value, float) else value}")
    by = getattr(promise, "by", None)
    if by is not None:
        parts.append(f"{_word('by', lang)} {by}")
    return " ".join(parts)
