"""What `emis solve` prints: measures with their levels and prices, what they reach, how sure it is, and the curve."""

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from emis.console import Lang, amount, new_table, print_table, prose
from emis.plan import Target
from emis.solver.solution import Certificate, Minimised, Reach, Solution
from emis.target_amounts import Untold

__all__ = ["print_answers", "print_solution", "print_untold"]

_WORDS = {
    "achieved": "达到",
    "as the scenario": "按情景",
    "at least": "至少需",
    "bound": "下界",
    "cost": "成本",
    "effort": "工作量",
    "everything at 100 %": "全部 100 %",
    "all phased in": "全部到位",
    "incremental": "增量",
    "level": "实施程度",
    "measure": "措施",
    "no measure": "无措施",
    "not reached": "无法达到",
    "reachable": "最多可达",
    "reached": "可达到",
    "reduction": "减排比例",
    "removed": "去除量",
    "required": "要求",
    "target": "目标",
    "Cost curve": "成本曲线",
    "Effort curve": "工作量曲线",
    "What is reachable": "最多可达",
    "What would close the gaps": "弥补差距的方案",
    "What stands in the way": "制约因素",
}
_BEYOND = ("+ beyond the plan", "+ 计划之外的选项")
_NOT_ALL = (
    "–: with everything at 100 % more stock is asked for than there is, or two alternatives",
    "–：全部 100 % 时所需存量超过现有，或含互斥选项",
)
_WHOLE = ("At 100 %", "实施程度 100 %")
_NOTHING = ("nothing has to be done", "无须采取任何措施")


def _word(text: str, lang: Lang) -> str:
    return _WORDS.get(text, text) if lang == "zh" else text


def print_solution(out: Console, found: Solution, lang: Lang) -> None:
    """Print a solution."""
    verdict = _word("reached" if found.reached else "not reached", lang)
    if found.asked is not None:
        asked = amount(100 * found.asked, "%")
        verdict += f"（概率 {asked}）" if lang == "zh" else f" with a probability of {asked}"
    ids = ", ".join(target.id for target in found.targets)
    style = "bold green" if found.reached else "bold red"
    title = found.targets[0].name(lang) if len(found.targets) == 1 else ""
    out.print(Text.assemble((f"{ids} ", "bold"), (verdict, style), f"  {title}"))
    _print_outcomes(out, found, lang)
    if found.reach is not None:
        _print_reach(out, found.reach, lang)
    _print_choices(out, found, lang)
    for line in _certified(found, lang):
        prose(out, line)
    if found.curve:
        _print_curve(out, found, lang)
    out.print()


def print_answers(out: Console, answers: Sequence[Solution], lang: Lang) -> None:
    """Print a line for each of several solutions: what could be done, and at what price."""
    heads = [_word(name, lang) for name in ("target", "required", "as the scenario", "achieved", "all phased in")]
    prices = [f"{_word(one.minimised, lang)} {_money(one, lang)}".strip() for one in answers]
    heads.append(", ".join(dict.fromkeys(prices)))
    columns = [(name, number > 0) for number, name in enumerate(heads)]
    table = new_table(_word("What would close the gaps", lang), *columns, ("", False))
    for one in answers:
        later = {step.target: step.phased_in for step in one.reach.steps} if one.reach is not None else {}
        for told in one.outcomes:
            values = (told.required, told.scenario, told.achieved, later.get(told.target))
            reached = _word("reached" if one.reached else "not reached", lang)
            named = [amount(value, told.unit) for value in values]
            table.add_row(Text(told.target), *named, amount(one.price), reached)
    print_table(out, table)


def print_untold(out: Console, untold: tuple[tuple[Target, Untold], ...], lang: Lang) -> None:
    """Print which targets were not solved for, and why."""
    reasons: dict[str, list[str]] = {}
    for target, gap in untold:
        reasons.setdefault(gap.chinese if lang == "zh" else gap.english, []).append(target.id)
    for reason, ids in reasons.items():
        prose(out, f"{', '.join(ids)}: {reason}")


def _print_outcomes(out: Console, found: Solution, lang: Lang) -> None:
    heads = ("target", "required", "no measure", "as the scenario", "achieved")
    table = new_table("", *((_word(name, lang), bool(i)) for i, name in enumerate(heads)))
    for one in found.outcomes:
        values = (one.required, one.nothing, one.scenario, one.achieved)
        table.add_row(Text(one.target), *(amount(value, one.unit) for value in values))
    print_table(out, table)


def _print_choices(out: Console, found: Solution, lang: Lang) -> None:
    chosen = sorted(
        (one for one in found.choices if one.level > 0), key=lambda one: (one.held, -one.price, one.measure)
    )
    if not chosen:
        out.print(_NOTHING[lang == "zh"])
        return
    if not found.reached:  # Nearly all of them: which are left is what is worth a table.
        marks = {True: "+\N{NO-BREAK SPACE}", False: ""}
        whole = ", ".join(f"{marks[one.beyond]}{one.measure}" for one in chosen if one.level == 1)
        out.print(Text.assemble((f"{_WHOLE[lang == 'zh']}: ", "bold"), whole or "–"))
        chosen = [one for one in chosen if one.level < 1]
    price = f"{_word(found.minimised, lang)} {_money(found, lang)}".strip()
    table = new_table("", (_word("level", lang), True), (price, True), (_word("measure", lang), False), ("", False))
    for one in chosen:
        mark = "+ " if one.beyond else ""
        told = "–" if one.held else amount(one.price)
        table.add_row(
            f"{100 * one.level:.4f}".rstrip("0").rstrip(".") + " %",
            told, Text(f"{mark}{one.measure}"), (one.title_zh if lang == "zh" else one.title) or "",
        )  # fmt: skip
    if chosen:
        print_table(out, table)
    if any(one.beyond and one.level for one in found.choices):
        out.print(_BEYOND[lang == "zh"], style="dim")


def _money(found: Solution, lang: Lang) -> str:
    return found.unit if found.minimised == "cost" else ""


def _certified(found: Solution, lang: Lang) -> list[str]:
    """Return what is said of the price, how sure it is the least, and of a probability."""
    chinese, one = lang == "zh", found.certificate
    price = f"{_word(found.minimised, lang)} {amount(found.price, found.unit)}"
    if found.reached:
        lines = [_least(one, found, price, chinese)]
    else:
        proof = ("no implementation reaches it (proven)", "任何实施方案都无法达到（已证明）")
        if not one.proven:
            proof = (
                "none was found that reaches it; that there is none is not proven",
                "未找到可达方案（未证明不存在）",
            )
        lines = [f"{proof[chinese]}; {price}" if not chinese else f"{proof[1]}；{price}"]
    if found.asked is not None and found.probability is not None:
        asked, sure = amount(100 * found.asked, "%"), amount(100 * found.probability, "%")
        line = f"概率 {sure}，要求 {asked}" if chinese else f"reached with a probability of {sure}, {asked} asked"
        if found.moved is not None:
            by = amount(100 * found.moved, "%", signed=True).replace("pp", "%")
            line += (
                f"；阈值移动 {by}（相对无措施时的缺口），未证明为概率约束下的最小值"
                if chinese
                else f"; thresholds were moved by {by} of what is lacking with no measure; not proven to be the least"
            )
        lines.append(line)
    return lines


def _least(one: Certificate, found: Solution, price: str, chinese: bool) -> str:
    if one.bound is None or one.gap is None:
        return f"{price}，无下界" if chinese else f"{price}; the best that was found, without a bound"
    bound, gap = amount(one.bound, found.unit), f"{100 * one.gap:.2g} %"
    if one.proven:
        within = "" if one.gap < 1e-9 else f"（误差 {gap} 以内）" if chinese else f" to within {gap}"
        return f"{price}，已证明最小{within}" if chinese else f"{price}, proven to be the least{within}"
    text = f"{price}，下界 {bound}，差距 {gap}" if chinese else f"{price}, at least {bound} is needed: a gap of {gap}"
    if one.residual is None:
        return text
    how = f"{one.starts} 个起点，KKT 残差 {one.residual:.1g}" if chinese else (
        f"starts: {one.starts}, residual of the optimality conditions {one.residual:.1g}"
    )  # fmt: skip
    return f"{text} ({how})"


def _print_reach(out: Console, reach: Reach, lang: Lang) -> None:
    heads = ("target", "required", "reachable", "everything at 100 %", "all phased in")
    title = _word("What is reachable", lang)
    table = new_table(title, *((_word(name, lang), bool(i)) for i, name in enumerate(heads)))
    for one in reach.steps:
        values = (one.required, one.best, one.everything, one.phased_in)
        table.add_row(Text(one.target), *(amount(value, one.unit) for value in values))
    print_table(out, table)
    if any(one.everything is None for one in reach.steps):
        out.print(_NOT_ALL[lang == "zh"], style="dim")
    for english, chinese in reach.binding:
        prose(out, f"{_word('What stands in the way', lang)}: {chinese if lang == 'zh' else english}")


def _print_curve(out: Console, found: Solution, lang: Lang) -> None:
    kinds: dict[Minimised, str] = {"cost": "Cost curve", "effort": "Effort curve"}
    per = found.curve_unit
    heads = (
        (_word("reduction", lang), True), (_word(found.minimised, lang), True), (_word("bound", lang), True),
        (f"{_word('removed', lang)}, {per}", True), (f"{_word('incremental', lang)}, 1/{per}", True),
    )  # fmt: skip
    table = new_table(f"{_word(kinds[found.minimised], lang)} {_money(found, lang)}".strip(), *heads)
    for one in found.curve:
        if not one.reached:
            table.add_row(f"{one.reduction:g} %", _word("not reached", lang), "–", "–", "–")
            continue
        values = (one.price, one.bound, one.removed, one.incremental)
        table.add_row(f"{one.reduction:g} %", *(amount(value) for value in values))
    print_table(out, table)
