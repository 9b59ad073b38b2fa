"""What a conversion says on the command line: what was understood, what could not be carried, what was written."""

from collections.abc import Iterable
from typing import Any, Protocol

from rich.console import Console

from emis.console import Lang, amount, new_table, print_table, prose, word, words

__all__ = ["print_conversion", "print_formats"]

words(
    {
        "pollutant": "污染物",
        "scenario": "情景",
        "year": "年份",
        "not known": "未知",
        "t/yr": "t/a",
        "Not carried over": "未能转换的内容",
        "nothing: all that was read": "无：读入的内容全部保留",
        "read as": "读作",
        "written": "已写出",
        "Emissions as each system evaluates the packets": "各系统对控制包的计算结果",
        "system": "系统",
        "difference": "差异",
        # What a format cannot carry, as `interchange.facets` tells it.
        "ids of sources": "源的编号",
        "sectors of emis": "emis 行业",
        "categories": "源类别",
        "fuels": "燃料",
        "technologies": "技术",
        "regions of sources": "源的区域",
        "facilities": "企业",
        "activities and emission factors of sources": "源的活动水平与排放因子",
        "removal efficiencies of existing control, by source": "各源现有控制的去除效率",
        "95 % intervals of sources": "源的 95 % 区间",
        "notation keys (NE, NO, IE, C)": "填报符号（NE、NO、IE、C）",
        "notation keys (NA)": "填报符号（NA）",
        "pollutants that emis does not know": "emis 不认识的污染物",
        "CO2 that sources cause elsewhere": "源在清单之外引起的 CO2",
        "columns of codes of nomenclatures": "分类编码列",
        "status (official, reconstruction)": "清单状态（官方、重建）",
        "title": "标题",
        "title in a second language": "第二种语言的标题",
        "monthly profiles of sources": "源的月变化系数",
        "stocks of sources (vehicles, households ...)": "源的保有量（车辆、户数等）",
        "columns of the sectors' methods, of sources": "源的行业方法参数列",
        "longitudes and latitudes of sources": "源的经纬度",
        "references of sources": "源的数据出处",
        "grades of sources": "源的数据等级",
        "further columns": "其他列",
        "years beyond one": "其余年份",
        "name of the scenario": "情景名称",
        "emissions without the plan, by year": "各年无计划情形下的排放",
        "what each measure does to each source": "各措施对各源的作用",
    }
)
#: Rows of totals that are printed; the rest is in --json.
_MOST = 60


def print_conversion(out: Console, result: dict[str, Any], lang: Lang = "en") -> None:
    """Print what was read, with its totals, what the format that is written cannot carry, and the files."""
    out.print(f"{result['file']}: {word('read as', lang)} {result['format']}")
    shown = 0
    for series in result["series"]:
        title = " · ".join(filter(None, (series["name"], series["scenario"])))
        unit = "source" if series["sources"] == 1 and lang == "en" else word("sources", lang)
        count = f"{series['sources']:,} {unit}"
        prose(out, f"{title} ({count})", style="bold")
        heads = (("year", False), ("pollutant", False), ("t/yr", True), ("not known", True))
        table = new_table("", *((word(name, lang), right) for name, right in heads))
        rows = [(year, name, one) for year, names in series["totals"].items() for name, one in names.items()]
        last = ""
        for year, name, one in rows[: max(0, _MOST - shown)]:
            unknown = f"{one['not known']:,}" if one["not known"] else ""
            total = "–" if one["t/yr"] is None else amount(one["t/yr"])
            table.add_row(year if year != last else "", name, total, unknown)
            last = year
        shown += len(rows)
        if table.row_count:
            print_table(out, table)
        for note in series["notes"]:
            prose(out, note)
    if shown > _MOST:
        prose(out, f"... {shown - _MOST:,} rows more: --json has them" if lang == "en" else "……其余见 --json")
    if result["to"]:
        losses = ", ".join(f"{word(one['what'], lang)} ({one['count']:,})" for one in result["lost"])
        prose(out, f"{word('Not carried over', lang)}: {losses or word('nothing: all that was read', lang)}")
    if "packets" in result:
        _print_packets(out, result["packets"], lang)
    for line in result.get("told", ()):
        prose(out, line)
    for file in result["files"]:
        out.print(f"{word('written', lang)}: {file}")


def _print_packets(out: Console, packets: dict[str, Any], lang: Lang) -> None:
    """Print what packets lead to as each system evaluates them, and how long all of it took."""
    heads = (("system", False), ("pollutant", False), ("t/yr", True), ("difference", True))
    title = word("Emissions as each system evaluates the packets", lang)
    table = new_table(title, *((word(name, lang), right) for name, right in heads))
    for name, totals in packets["totals"].items():
        told = f"{name} *" if name == packets["compat"] else name
        for pollutant, one in totals.items():
            table.add_row(told, pollutant, amount(one["t/yr"]), amount(one["difference"]) if one["difference"] else "")
            told = ""
    print_table(out, table)
    rows, seconds = packets["rows"], packets["seconds"]
    told = f"{rows:,} rows read, controlled and written in {seconds:.1f} s: {rows / seconds:,.0f} rows/s"
    zh = f"读取、控制并写出 {rows:,} 行，用时 {seconds:.1f} 秒：每秒 {rows / seconds:,.0f} 行"
    prose(out, zh if lang == "zh" else told)


class _Format(Protocol):
    """A format, as much as a table tells of it."""

    @property
    def name(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def read(self) -> object: ...
    @property
    def write(self) -> object: ...


def print_formats(out: Console, formats: Iterable[_Format]) -> None:
    """Print names and titles of formats, and whether each is read and written."""
    table = new_table("", ("format", False), ("in", False), ("out", False), ("", False))
    for one in formats:
        table.add_row(one.name, "in" if one.read else "", "out" if one.write else "", one.title)
    print_table(out, table)
