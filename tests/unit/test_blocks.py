"""Inventories at scale: Parquet files and folders, and reading in blocks."""

import dataclasses
import pickle
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as parquet
import pytest
from inventory_files import POLLUTANTS, activity_table, coded, write_folder, write_inventory

import emis
from emis.errors import InputError
from emis.inventory import Inventory
from emis.io.blocks import Blocks, open_blocks

FIELDS = ("activity", "factor", "control", "offsite", "added", "computed", "reported", "basis_cv")
TEXTS = ("activity_unit", "profile", "basis", "reference", "grade", "notation")


def rows_of(inventory: Inventory) -> dict[str, tuple[object, ...]]:
    """Return everything that is known of each source, by its id."""
    columns = [getattr(inventory, name) for name in (*FIELDS, *TEXTS)]
    columns += [*inventory.labels.values(), *inventory.points.values(), *inventory.bounds.values()]
    columns += [stock.values for stock in inventory.stocks.values()]
    held = [column.tolist() if column.dtype == object else column for column in columns]
    told = [
        tuple("" if number < 0 else inventory.factor_rows[number].name for number in row)
        for row in inventory.factor_row.tolist()
    ]
    return {
        str(name): (*(repr(np.asarray(column[row]).tolist()) for column in held), told[row], inventory.place(row))
        for row, name in enumerate(inventory.labels["source"])
    }


def issues_of(blocks: Blocks) -> list[str]:
    with pytest.raises(InputError) as caught:
        list(blocks)
    return [str(issue) for issue in caught.value.issues]


def project(folder: Path, table: pa.Table, key: str | None = None, sector: str | None = "mobile") -> Path:
    write_folder(folder / "activity", table, key, row_group=70)
    return write_inventory(folder, sector=sector)


def as_csv(table: pa.Table, path: Path) -> None:
    cells = [[str(value) for value in column.to_pylist()] for column in table.columns]
    lines = [table.column_names, *zip(*cells, strict=True)]
    path.write_text("".join(",".join(line) + "\n" for line in lines), encoding="utf-8")


@pytest.mark.parametrize("key", [None, "region", "technology"])
@pytest.mark.parametrize("rows", [1, 64, 100, 10_000])
def test_blocks_are_the_whole(tmp_path: Path, key: str | None, rows: int) -> None:
    size = 40 if rows == 1 else 500
    path = project(tmp_path, activity_table(size), key)
    whole, blocks = emis.read_inventory(path), open_blocks(path, rows=rows)
    assert sum(blocks.rows) == size
    assert set(blocks.rows[:-1]) <= {rows}
    assert (blocks.name, blocks.base_year, blocks.pollutants) == ("many", 2017, POLLUTANTS)
    found = [rows_of(pickle.loads(pickle.dumps(blocks)).read(number)) for number in range(len(blocks))]
    assert tuple(map(len, found)) == blocks.rows
    assert {name: row for block in found for name, row in block.items()} == rows_of(whole)


def test_a_partition_s_key_is_a_column(tmp_path: Path) -> None:
    table = activity_table(300)
    one, other = (tmp_path / name for name in ("one", "other"))
    for folder in (one, other):
        folder.mkdir()
    plain, parted = emis.read_inventory(project(one, table)), emis.read_inventory(project(other, table, "region"))
    assert parted.labels["region"].tolist() == plain.labels["region"].tolist()
    assert parted.emissions.tobytes() == plain.emissions.tobytes()
    assert parted.place(0) == (f"{parted.file.removesuffix('inventory.yaml')}activity/region=110100/part-0.parquet", 1)


def test_a_csv_in_blocks_and_a_parquet_hold_the_same(tmp_path: Path) -> None:
    table = activity_table(230)
    one, other = (tmp_path / name for name in ("one", "other"))
    for folder in (one, other):
        folder.mkdir()
    as_csv(table, one / "activity.csv")
    write_inventory(one, "activity.csv")
    whole, blocks = emis.read_inventory(one), open_blocks(one, rows=50)
    assert blocks.rows == (50, 50, 50, 50, 30)
    assert {name: row for block in blocks for name, row in rows_of(block).items()} == rows_of(whole)
    binary = emis.read_inventory(project(other, table))
    for name in ("activity", "factor"):
        assert getattr(whole, name).tobytes() == getattr(binary, name).tobytes()
    for name in whole.labels:
        assert whole.labels[name].tolist() == binary.labels[name].tolist()


@pytest.mark.parametrize("text", ["plain", "quoted", "header", "gb18030", "bom", "comment", "xlsx"])
def test_tables_of_any_kind_are_cut(tmp_path: Path, text: str) -> None:
    table = activity_table(30).set_column(1, "category", coded(["c1"], np.zeros(30, dtype=int)))
    path = tmp_path / "activity.csv"
    as_csv(table, path)
    lines = path.read_text(encoding="utf-8").splitlines()
    lines[0] += ",reference"
    lines[1:] = [f"{line},统计年鉴户数" for line in lines[1:]]
    if text == "quoted":
        lines[3] = lines[3].replace("c1", '"c1"')
    if text == "header":
        lines[0] = ",".join(f'"{name}"' for name in lines[0].split(","))
    if text == "comment":
        lines[5:5] = ["# what follows was counted", ""]
    encoding = {"gb18030": "gb18030", "bom": "utf-8-sig"}.get(text, "utf-8")
    path.write_text("\n".join(lines) + "\n", encoding=encoding)
    if text == "xlsx":
        openpyxl = pytest.importorskip("openpyxl")
        book = openpyxl.Workbook()
        for line in lines:
            book.active.append(line.split(","))
        book.save(path := tmp_path / "activity.xlsx")
    write_inventory(tmp_path, path.name)
    whole, blocks = emis.read_inventory(tmp_path), open_blocks(tmp_path, rows=7)
    assert len(blocks) == 5
    assert {name: row for block in blocks for name, row in rows_of(block).items()} == rows_of(whole)


def test_shuffled_rows_are_the_same_inventory(tmp_path: Path) -> None:
    table, order = activity_table(400), np.random.default_rng(7).permutation(400)
    folders = [tmp_path / name for name in ("one", "other")]
    for folder, rows in zip(folders, (table, table.take(pa.array(order))), strict=True):
        folder.mkdir()
        project(folder, rows)
    one, other = map(emis.read_inventory, folders)
    for found in dataclasses.fields(one):
        values = getattr(one, found.name), getattr(other, found.name)
        if isinstance(values[0], np.ndarray):
            assert repr(values[0].tolist()) == repr(values[1].tolist())
    assert one.emissions.tobytes() == other.emissions.tobytes()
    assert list(one.labels["source"]) == list(other.labels["source"])


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, "activity: is blank; write a number, 0, or a notation key"),
        (float("nan"), "activity: 'nan' is no number"),
        (float("inf"), "activity: 'inf' is not a finite number"),
        (-2.5, "activity: -2.5 is negative; write 0 or more"),
    ],
)
def test_a_number_that_is_none_is_told_with_its_row(tmp_path: Path, value: float | None, said: str) -> None:
    table = activity_table(250)
    activity = table.column("activity").to_pylist()
    activity[123] = value
    path = project(tmp_path, table.set_column(5, "activity", pa.array(activity)))
    with pytest.raises(InputError) as caught:
        emis.read_inventory(path)
    (issue,) = caught.value.issues
    assert (Path(issue.file).name, issue.line) == ("part-0.parquet", 124)
    assert said in str(issue)
    blocks = open_blocks(path, rows=100)
    assert issues_of(blocks) == [str(issue)]
    assert len(blocks.read(0)) == 100


def test_a_text_that_is_none_is_a_blank(tmp_path: Path) -> None:
    table = activity_table(20)
    category = [None, *table.column("category").to_pylist()[1:]]
    path = project(tmp_path, table.set_column(1, "category", pa.array(category).dictionary_encode()))
    assert any("part-0.parquet:1 category: is blank" in issue for issue in issues_of(open_blocks(path)))


def test_faults_of_a_row_are_told_of_every_row_that_has_them(tmp_path: Path) -> None:
    table = activity_table(60)
    grades = ["F" if row in (3, 30, 59) else "A" for row in range(60)]
    path = project(tmp_path, table.set_column(8, "grade", pa.array(grades).dictionary_encode()), "technology")
    with pytest.raises(InputError) as caught:
        emis.read_inventory(path)
    assert {str(issue).split("activity/")[1].split(" ")[0] for issue in caught.value.issues} == {
        "technology=china_4/part-0.parquet:1",
        "technology=china_1/part-0.parquet:6",
        "technology=china_6/part-0.parquet:10",
    }


def test_the_data_may_name_the_sector(tmp_path: Path) -> None:
    table = activity_table(40).append_column("sector", coded(["mobile", "coal"], np.arange(40) % 2))
    found = emis.read_inventory(project(tmp_path, table, "sector", sector=None))
    assert found.values("sector") == ["coal", "mobile"]
    assert len(list(open_blocks(tmp_path, rows=15))) == 3


def test_without_a_sector_the_data_has_to_name_it(tmp_path: Path) -> None:
    path = project(tmp_path, activity_table(5), sector=None)
    with pytest.raises(InputError, match=r"inventory\.yaml:6 tables\.0: names no sector, and .* no column `sector`"):
        emis.read_inventory(path)


def test_files_of_a_folder_have_the_same_columns(tmp_path: Path) -> None:
    path = project(tmp_path, activity_table(20))
    parquet.write_table(activity_table(5).drop_columns(["grade"]), tmp_path / "activity" / "part-1.parquet")
    with pytest.raises(InputError, match=r"part-1\.parquet: has other columns than .*part-0\.parquet: it lacks grade"):
        emis.read_inventory(path)


def test_files_of_a_folder_have_the_same_kinds_of_values(tmp_path: Path) -> None:
    path, table = project(tmp_path, activity_table(20)), activity_table(40).slice(20)
    narrow = table.column("fuel").cast(pa.dictionary(pa.int8(), pa.string()))
    parquet.write_table(table.set_column(2, "fuel", narrow), tmp_path / "activity" / "part-1.parquet")
    assert emis.read_inventory(path).labels["fuel"].tolist() == activity_table(40).column("fuel").to_pylist()
    parquet.write_table(table.set_column(2, "fuel", pa.array([1] * 20)), tmp_path / "activity" / "part-1.parquet")
    with pytest.raises(InputError, match="activity: its files hold different kinds of values in a column"):
        emis.read_inventory(path)


def test_a_key_that_stands_in_the_file_too_is_a_fault(tmp_path: Path) -> None:
    path = project(tmp_path, activity_table(6), "region")
    parquet.write_table(activity_table(6), tmp_path / "activity/region=110100/part-0.parquet")
    with pytest.raises(InputError, match="the column 'region' stands in the file and in its folder's name"):
        emis.read_inventory(path)


def test_an_id_in_two_blocks_is_found(tmp_path: Path) -> None:
    table = activity_table(90)
    ids = table.column("source").to_pylist()
    ids[80] = ids[3]
    path = project(tmp_path, table.set_column(0, "source", pa.array(ids)))
    blocks = open_blocks(path, rows=30)
    assert sum(map(len, blocks)) == 90
    with pytest.raises(InputError) as caught:
        blocks.check_ids()
    (issue,) = caught.value.issues
    assert "part-0.parquet:81 source: mobile/00000003 stands twice, first in" in str(issue)
    assert "part-0.parquet:4" in str(issue)
    open_blocks(project(tmp_path, activity_table(90)), rows=30).check_ids()


def long_table(sources: int) -> pa.Table:
    number = np.repeat(np.arange(sources), len(POLLUTANTS))
    return pa.table(
        {
            "source": pa.array([f"industry/{n:05d}" for n in number]).dictionary_encode(),
            "category": coded(["steel", "cement"], number % 2),
            # CO is in the dictionary and in no row.
            "pollutant": coded([*POLLUTANTS, "CO"], np.tile(np.arange(len(POLLUTANTS)), sources)),
            "emission": pa.array(np.random.default_rng(3).lognormal(size=len(number))),
            "unit": coded(["t/yr"], number * 0),
        }
    )


@pytest.mark.parametrize("ending", ["parquet", "csv"])
def test_a_long_table_is_cut_between_sources(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"reported.{ending}"
    parquet.write_table(long_table(25), path) if ending == "parquet" else as_csv(long_table(25), path)
    whole, blocks = emis.read_inventory(path), open_blocks(path, rows=30)
    assert blocks.pollutants == whole.pollutants
    assert blocks.rows == (32, 28, 32, 8)
    assert {name: row for block in blocks for name, row in rows_of(block).items()} == rows_of(whole)
    blocks.check_ids()


def test_a_wide_table_stands_alone(tmp_path: Path) -> None:
    table = pa.table(
        {
            "source": [f"coal/{n}" for n in range(20)],
            "category": coded(["stove"], np.zeros(20, dtype=int)),
            "NOx [t/yr]": np.linspace(0, 1, 20),
            "SO2 [kg/yr]": np.arange(20),
        }
    )
    parquet.write_table(table, tmp_path / "wide.parquet")
    whole, blocks = emis.read_inventory(tmp_path / "wide.parquet"), open_blocks(tmp_path / "wide.parquet", rows=6)
    assert blocks.pollutants == whole.pollutants == ("SO2", "NOx")
    assert {name: row for block in blocks for name, row in rows_of(block).items()} == rows_of(whole)


def test_what_is_read_once_is_told_at_once(tmp_path: Path) -> None:
    path = project(tmp_path, activity_table(5))
    (tmp_path / "factors.csv").write_text("category,pollutant,factor,unit\nc1,NOx,,g/km\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"factors\.csv:2 factor: is blank"):
        open_blocks(path)
    with pytest.raises(ValueError, match="at least one row"):
        open_blocks(path, rows=0)
    with pytest.raises(InputError, match="is not there"):
        open_blocks(tmp_path / "nowhere.parquet")


def test_an_empty_file_says_so(tmp_path: Path) -> None:
    parquet.write_table(activity_table(5).slice(0, 0), tmp_path / "empty.parquet")
    for read in (emis.read_inventory, open_blocks):
        with pytest.raises(InputError, match="has a header and no rows"):
            read(tmp_path / "empty.parquet")
