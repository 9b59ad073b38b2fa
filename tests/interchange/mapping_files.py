"""The files of colleagues that tests/interchange/files/mapping/mapping.yaml is about."""

import shutil
from pathlib import Path

import openpyxl

FILES = Path(__file__).parent / "files" / "mapping"

BOILERS = [
    ["2021年工业锅炉排放清单", None, None, None, None, None, None, None, None],
    ["区县", "企业名称", "燃料类型", "SCC编码", "经度", "纬度", "氮氧化物\n（吨）", "二氧化硫（吨/年）", "细颗粒物"],
    ["东区", "华能热力（集团）公司", "天然气", "0010200602", 116.1, 39.9, "1,234.5", 3, 250],
    [None, "=北方/锅炉厂", "煤炭", "0010200203", 116.2, 39.95, 0.1, "—", "/"],
    ["东区小计", None, None, None, None, None, 1234.6, 3, 250],
    ["西区", "南方纸业", "天然气", "0010200602", None, None, 7, 0, 1.5],
    ["合计", None, None, None, None, None, 1241.6, 3, 251.5],
]
STATIONS = [
    ["镇街", "名称", "油气回收", "年销售量（吨）"],
    ["永定镇", "一站", "有", 1000],
    ["永定镇", "二站", None, 2500.5],
]
CARS = """\
车型,燃料,污染物,排放量,单位
重型货车,柴油,氮氧化物,12.5,吨
重型货车,柴油,CO2,3.25,万吨
小型客车,汽油,氮氧化物,0.75,t/a
小型客车,汽油,CO2,,万吨
合计,,,13.25,吨
"""


def write_files(folder: Path) -> Path:
    """Write workbook, CSV and mapping into a folder, and return the mapping."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in (("锅炉", BOILERS), ("加油站", STATIONS), ("说明", [["填报人", "某某"]])):
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    for row in book["锅炉"].iter_rows():
        for cell in row:
            if isinstance(cell.value, str):
                cell.data_type = "s"
    book["锅炉"].merge_cells("A3:A4")
    book["说明"].sheet_state = "hidden"
    book.save(folder / "工业.xlsx")
    (folder / "机动车.csv").write_bytes(CARS.encode("gb18030"))
    return Path(shutil.copy(FILES / "mapping.yaml", folder / "mapping.yaml"))
