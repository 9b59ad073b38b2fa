"""What is in the air, and how sure the verdicts are, printed: tables and sentences for a reader."""

from collections.abc import Mapping, Sequence

from rich.console import Console

from emis.ambient.findings import Finding
from emis.ambient.results import Ambient, Hindsight
from emis.ambient.sentences import said
from emis.ambient.words import quantity_word, unit_word
from emis.assessment import Verdict
from emis.console import Lang, amount, new_table, print_table, prose, word, words

__all__ = ["print_air", "print_hindsight", "print_likelihoods"]

#: Cells that the inputs need on which a verdict hangs; their names are long.
_INPUTS_WIDE = 44
_AIR_NOTE = (
    "District alone: city and region emit as in the base year; the verdict is with the changes that the scenario"
    " assumes of both."
)
_SURE_NOTE = (
    "From {} draws of activities, factors, measures, drivers and the air together. Hangs on: share of the variance that"
    " an input explains by itself; what states no range is taken as certain."
)
_SURE_NOTE_ZH = (
    "对活动水平、排放因子、措施、驱动因素和空气质量参数联合抽样 {} 次。"
    "取决于：单个输入所解释的方差占比；未给出范围的数值视为确定。"
)
_CERTAIN_NOTE = "The district's own emissions are taken as computed: their uncertainty is not in the probability."
_HINDCAST_NOTE = "Nothing is fitted to what was observed after the base year; off by is modelled less observed."
_AMBIENT_NOTE = "What is modelled of {} is put on the basis it was observed on (times {})."
words(
    {
        _AIR_NOTE: ("仅本区：全市和区域排放与基准年相同。结论按情景假设的全市与区域变化判定。"),
        _CERTAIN_NOTE: "本区排放按计算值取用，其不确定性未计入概率。",
        _AMBIENT_NOTE: "{} 年模型值已换算至观测所用状态（乘以 {}）。",
        "as in": "排放同",
        "unit": "单位",
        _HINDCAST_NOTE: "未用基准年之后的观测值拟合任何参数；偏差为模型值减观测值。",
        "In the air: who brings it about": "空气质量：由谁实现",
        "Hindcast": "回报检验",
        "in the base year": "排放同基准年",
        "How sure": "把握程度",
        "hangs on": "取决于",
        "share": "份额",
        "PM2.5 owed to measures of the district": "本区措施对 PM2.5 的贡献",
        "area": "范围",
        "city": "全市",
        "district": "本区",
        "district alone": "仅本区",
        "inside": "在区间内",
        "interval": "区间",
        "modelled": "模型",
        "no": "否",
        "observed": "观测",
        "off by": "偏差",
        "probability": "概率",
        "quantity": "指标",
        "with the city": "加全市",
        "with the region": "加区域",
        "yes": "是",
        "year": "年份",
    }
)


def print_likelihoods(out: Console, verdicts: Sequence[Verdict], count: int, lang: Lang) -> None:
    """Print how likely each target is met, and the inputs that its verdict hangs on."""
    mine = [one for one in verdicts if one.hangs_on]
    if not mine:
        return
    heads = ("target", "probability", "interval", "hangs on")
    table = new_table(word("How sure", lang), *((word(name, lang), 0 < n < 3) for n, name in enumerate(heads)))
    for one in mine:
        ends = " – ".join(amount(end, one.unit) for end in (one.low, one.high))
        table.add_row(one.target, amount(_percent(one.probability), "%"), ends, one.hangs_on)
    print_table(out, table, least=_INPUTS_WIDE)
    note = _SURE_NOTE_ZH if lang == "zh" else _SURE_NOTE
    prose(out, f"{note.format(f'{count:,}')}\n", style="dim")


def print_air(out: Console, verdicts: Sequence[Verdict], lang: Lang, air: Ambient | None = None) -> None:
    """Print who brings about what the air decides, how sure it is, and what else was found of it.

    Without `air`, the reasons of the verdicts are all that is left of what was found.
    """
    mine = [one for one in verdicts if one.district_alone is not None]
    if not mine:
        return
    known = {} if air is None else {name: one for name, one in air.findings.items() if isinstance(one, Finding)}
    _print_who(out, mine, known, lang)
    sentences: dict[str, list[str]] = {}
    for one in mine:
        for sentence in [one.reason] if air is None else said(air.findings[one.target], lang):
            sentences.setdefault(sentence, []).append(one.target)
    for sentence, targets in sentences.items():
        prose(out, f"{', '.join(targets)}: {sentence}")
    notes = [_AIR_NOTE]
    if known and not any("emissions" in one.variance for one in known.values()):
        notes.append(_CERTAIN_NOTE)
    gap = "" if lang == "zh" else " "
    prose(out, f"{gap.join(word(note, lang) for note in notes)}\n", style="dim")
    if air is not None:
        _print_air_shares(out, air, lang)


def _print_who(out: Console, mine: Sequence[Verdict], known: Mapping[str, Finding], lang: Lang) -> None:
    """Print by whose change what is reached, a line for each target."""
    heads = ["in the base year", "district alone", "with the city", "with the region", "required", "probability"]
    named = [word(name, lang) for name in (*heads, "interval")]
    if known:
        named[0] = f"{word('as in', lang)} {next(iter(known.values())).base_year}"
    # The unit in a column of its own: the numbers then fit beside each other.
    columns = [(word("target", lang), False), (word("unit", lang), False), *((name, True) for name in named)]
    table = new_table(word("In the air: who brings it about", lang), *columns)
    for one in mine:
        table.add_row(one.target, unit_word(one.unit, lang), *_who(one))
    print_table(out, table)


def _who(one: Verdict) -> list[str]:
    """Return the numbers of a target, without their unit."""
    values = (one.unchanged, one.district_alone, one.with_city, one.achieved, one.required)
    cells = [_bare(value, one.unit) for value in values]
    ends = " – ".join(_bare(end, one.unit) for end in (one.low, one.high))
    return [*cells, amount(_percent(one.probability), "%"), ends]


def _bare(value: float | None, unit: str) -> str:
    """Return a number as `amount` does, without its unit."""
    return amount(value, unit if unit == "%" else "").removesuffix(" %")


def _print_air_shares(out: Console, air: Ambient, lang: Lang) -> None:
    """Print which measures the district's own part of PM2.5 is owed to, in the last year."""
    shares = air.dataset.get("contributions_pm25")
    if shares is None or not shares.size:
        return
    final = shares.isel(air_year=-1)
    order = sorted(final["measure"].values, key=lambda name: -abs(float(final.sel(measure=name))))
    year, total = int(final["air_year"]), amount(float(final.sum()), "ug/m^3", signed=True)
    title = f"{word('PM2.5 owed to measures of the district', lang)} {year}: {total}"
    prose(out, title, style="bold")
    table = new_table("", (word("share", lang), True), (word("measure", lang), False))
    for name in order[:5]:
        table.add_row(amount(float(final.sel(measure=name)), "ug/m^3", signed=True), str(name))
    print_table(out, table)


def _percent(share: float | None) -> float | None:
    return None if share is None else round(100 * share, 1)


def print_hindsight(out: Console, found: Sequence[Hindsight], lang: Lang) -> None:
    """Print what was modelled beside what was observed, and by how much it is off."""
    if not found:
        return
    heads = ("year", "area", "quantity", "modelled", "interval", "observed", "off by", "inside")
    table = new_table(word("Hindcast", lang), *((word(n, lang), 2 < i < 7) for i, n in enumerate(heads)))
    for one in found:
        ends = " – ".join(amount(end, one.unit, lang=lang) for end in (one.low, one.high))
        values = (
            amount(one.modelled, one.unit, lang=lang), ends, amount(one.observed, one.unit, lang=lang),
            amount(one.off, one.unit, True, lang),
        )  # fmt: skip
        names = (str(one.year), word(one.area, lang), quantity_word(one.quantity, lang))
        table.add_row(*names, *values, word("yes" if one.inside else "no", lang))
    print_table(out, table)
    notes = [word(_HINDCAST_NOTE, lang)]
    put: dict[float, list[int]] = {}
    for one in found:
        if one.reads != 1 and one.year not in put.setdefault(one.reads, []):
            put[one.reads].append(one.year)
    for factor, years in put.items():
        notes.append(word(_AMBIENT_NOTE, lang).format(", ".join(map(str, years)), f"{factor:.3g}"))
    gap = "" if lang == "zh" else " "
    prose(out, f"{gap.join(notes)}\n", style="dim")
