"""Draws of a projection: everything that is uncertain of inventories, drivers and measures, drawn together.

    E = f u_f w (A u_A + sum over measures of x a tau u_A) prod (1 - x b c)

with u the log-normal multipliers of activities and factors (those of a transfer are its origin's: what moves is a
share of the stock), a and b the strengths of measures, and the growth of drivers in u. Sources that measures touch
alike and whose figures err alike are merged, so that a draw costs the number of such classes.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, partial
from typing import Any

import numpy as np

from emis import _core, draws
from emis.classes import sector_groups
from emis.errors import Issues
from emis.inventory import Floats, Inventory
from emis.kernels import cap_factor, shapley
from emis.numbering import firsts, joint
from emis.program import Indices, Program
from emis.scenario import UncertaintySettings
from emis.selectors import Selector
from emis.uncertainty.compiled import Compiled, cells_of, compiled, product_of, standing
from emis.uncertainty.drawn import Drawn, Uniform
from emis.uncertainty.figures import Columns, Figures, figures
from emis.uncertainty.strengths import Strength, Turnover, growths, limits, of_level, strengths, turnovers

__all__ = ["Sampler", "Spread"]

#: Draws of one block: at most so many, and no more than have room in so many bytes.
_BLOCK, _ROOM = 1024, 2**28
#: Intensities that differ, at most, for which factors are drawn once for all classes.
_TABLE = 2048

#: Runs a function on items, one after the other or on workers, and gives the answers in the order of the items.
Spread = Callable[[Callable[[Any], Any], Sequence[Any]], Iterable[Any]]


class Sampler:
    """Compiles what is uncertain of a program, and draws it.

    Parameters
    ----------
    program : Program
    selections : sequence of Selector or None
        What totals will be asked of; whole sectors are known without being named.
    threads : int
        The result is the same bits at any number.
    given : bool
        Whether the inventories of the scenario are drawn too.
    known : iterable of Strength
        Strengths of another program's measures, as for `strengths`.

    Attributes
    ----------
    inputs : tuple of str
        All that is uncertain, by name.
    issues : Issues
        Warnings of what measures cannot do at the ends of their ranges.
    """

    def __init__(
        self,
        program: Program,
        selections: Sequence[Selector | None] = (),
        threads: int = 1,
        given: bool = True,
        known: Iterable[Strength] = (),
    ):
        self.program, self.threads, self.issues = program, threads, Issues()
        chosen: list[Selector] = []
        for one in selections:
            if one is not None and one not in chosen:
                chosen.append(one)
        self.selections = tuple(chosen)
        self.columns = Columns()
        self.strengths: list[Strength] = list(strengths(program, known, self.issues))
        self.turnovers: list[Turnover] = turnovers(program)
        self.growths = growths(program)
        self.limits = limits(program)
        self.inventories: Mapping[int, Inventory] = {
            **program.scenario.inventories, program.inventory.base_year: program.inventory,
        }  # fmt: skip
        common = program.scenario.document.uncertainty.between_years
        self._figures = {year: figures(one, self.columns, common) for year, one in self.inventories.items()}
        self._groups = {year: self._group(one) for year, one in self.inventories.items()}
        own = self._figures[program.inventory.base_year]
        self._projected = self._compile(program, own, grown=True)
        self._given = {
            year: self._compile(standing(program, one), self._figures[year]) for year, one in self.inventories.items()
        }
        self.inputs: tuple[str, ...] = (
            *self.columns.inputs, *(name for name, *_ in self.growths), *(one.input for one in self.turnovers),
            *(one.input for one in self.strengths),
        )  # fmt: skip

    # -- groups ------------------------------------------------------------------------------------------------------

    def _group(self, inventory: Inventory) -> tuple[Indices, np.ndarray]:
        """Return each source's group, S, and which groups belong to each selection, (selection + sector) × G."""
        _, sector = sector_groups(inventory)
        member = np.array([inventory.mask(one) for one in self.selections], dtype=np.intp).reshape(-1, len(inventory))
        code = joint([sector, *member])
        first = firsts(code)
        return code, np.vstack([member[:, first], sector[first][None]])

    def codes(self, inventory: Inventory) -> Indices:
        """Return the group of each source, S."""
        return self._groups[inventory.base_year][0]

    def groups(self, inventory: Inventory, select: Selector | None) -> Indices:
        """Return the groups of a selection's sources; of all of them for None."""
        _, table = self._groups[inventory.base_year]
        if select is None:
            return np.arange(table.shape[1])
        if select in self.selections:
            return np.flatnonzero(table[self.selections.index(select)])
        raise KeyError(f"{select} is no selection that is drawn")

    def sectors(self, inventory: Inventory) -> list[tuple[str, Indices]]:
        """Return the sectors of an inventory, each with its groups."""
        names, _ = sector_groups(inventory)
        table = self._groups[inventory.base_year][1]
        return [(name, np.flatnonzero(table[-1] == number)) for number, name in enumerate(names)]

    # -- compiling ---------------------------------------------------------------------------------------------------

    def _compile(self, program: Program, known: Figures, grown: bool = False) -> Compiled:
        """Return the classes of a program whose figures err as `known`; with `grown` drivers are unsure too."""
        group, table = self._groups[program.inventory.base_year]
        activity = self._activity_columns(known, grown)
        turnovers = self.turnovers if grown else ()
        unsure = np.zeros(len(program.levels), dtype=bool)
        unsure[[one.measure for one in self.strengths if one.measure < len(unsure)]] = True
        return compiled(program, activity, known.factor, group, table.shape[1], unsure, turnovers)

    def _activity_columns(self, known: Figures, grown: bool) -> Indices:
        """Return the columns that multiply each source's activity, S × any [column]; -1 for none."""
        found = [known.activity]
        for number, (_, sources, _, _) in enumerate(self.growths if grown else ()):
            column = np.full((len(known.activity), 1), -1, dtype=np.intp)
            # Growth has columns of its own, behind those of the figures.
            column[sources] = self._first_growth + number
            found.append(column)
        return np.hstack(found)

    @cached_property
    def _first_growth(self) -> int:
        return len(self.columns.input)

    # -- special cases -----------------------------------------------------------------------------------------------

    def days(self, uniform: Uniform, cases: Sequence[tuple[Floats, Floats]], columns: Sequence[int]) -> list[Floats]:
        """Return what a year emits with other monthly shares and levels, (draw, pollutant) [t] each: mean days.

        Parameters
        ----------
        cases : sequence of (ndarray, ndarray)
            Shares, profiles × periods, and levels, measures × periods [1].
        columns : sequence of int
            The pollutants that are told.
        """
        several = [self._projected.mean_day(share, levels, columns) for share, levels in cases]

        def run(u: Floats, h: Floats, a: Floats, b: Floats) -> Floats:
            own = np.ascontiguousarray(b[:, :, columns])
            return np.stack([self._run(one, u, h, a, own).sum(axis=(1, 2)) for one in several], axis=1)

        found = self._blocks(uniform, run)
        return [found[:, number] for number in range(len(several))]

    def activity(
        self, uniform: Uniform, weights: Floats, counted: bool = False, levels: Floats | None = None
    ) -> Floats:
        """Return Σ weights × activity of the projected years, (draw, year).

        Parameters
        ----------
        weights : ndarray, S [unit per activity unit]
        counted : bool
            The sum is of a stock that was counted: what an activity is unsure of is not in it.
        levels : ndarray, optional
            As for `at`.
        """
        program, size = self.program, len(self.program.inventory)
        inventory = replace(
            program.inventory, pollutants=("activity",), factor=weights[:, None], control=np.zeros((size, 1)),
            bounds={}, added=None, computed=None, factor_row=None, notation=None,
        )  # fmt: skip
        plain = replace(
            program, inventory=inventory, keep=np.ascontiguousarray(program.stay[:, None]), caps=()
        )  # fmt: skip
        own = self._figures[program.inventory.base_year].activity
        none = np.full((size, 1), -1, dtype=np.intp)
        one = self._compile(plain, Figures(np.full_like(own, -1) if counted else own, none), grown=True)
        one = one.at_levels(levels)
        return self._blocks(uniform, lambda u, h, a, b: self._run(one, u, h, a, b[:, :, :1].copy()).sum(axis=(1, 3)))

    def base_activity(self, uniform: Uniform, weights: Floats, counted: bool = False) -> Floats:
        """Return Σ weights × activity of the base year, (draw,); arguments as for `activity`."""
        inventory = self.program.inventory
        amounts = weights * np.nan_to_num(inventory.activity)
        columns = self._figures[inventory.base_year].activity
        code = joint(columns.T + 1)
        kinds = columns[firsts(code)]
        by_kind = np.bincount(code, amounts, minlength=len(kinds))

        def run(u: Floats, _h: Floats, _a: Floats, _b: Floats) -> Floats:
            factor = [np.prod(u[:, kind[kind >= 0]], axis=1) if not counted else np.ones(len(u)) for kind in kinds]
            return np.asarray(np.stack(factor, axis=1) @ by_kind)

        return self._blocks(uniform, run)

    def _blocks(self, uniform: Uniform, run: Callable[[Floats, Floats, Floats, Floats], Floats]) -> Floats:
        return np.concatenate([run(*self.multipliers(chosen, block)) for block, chosen in self._cut(uniform)])

    def _cut(self, uniform: Uniform) -> list[tuple[slice, Uniform]]:
        """Return the draws in blocks; where they are cut makes no difference to any of them."""
        count = len(next(iter(uniform.values()))) if uniform else 1
        classes = self._projected.classes
        each = 8 * len(classes.cell_group) * self._projected.levels.shape[1] * classes.weight.shape[2]
        size = max(1, min(_BLOCK, _ROOM // max(1, each)))
        blocks = [slice(start, min(start + size, count)) for start in range(0, count, size)]
        return [(block, {name: values[block] for name, values in uniform.items()}) for block in blocks]

    # -- drawing -----------------------------------------------------------------------------------------------------

    def draw(self, settings: UncertaintySettings, others: Sequence[str] = (), spread: Spread = map) -> Drawn:
        """Return draws as the settings of a scenario ask for them.

        Parameters
        ----------
        others : sequence of str
            Inputs that are drawn in the same sample for somebody else: those of the air.
        spread : callable
            Who runs blocks of draws: `map` of `emis.workers`, for one.
        """
        names = (*self.inputs, *others)
        return self.at(draws.table(names, settings.seed, settings.samples, settings.sampling), spread=spread)

    def at(self, uniform: Uniform, levels: Floats | None = None, spread: Spread = map) -> Drawn:
        """Return the emissions that uniform draws by input stand for; what is not named is at its middle.

        Parameters
        ----------
        levels : ndarray, measures × periods [1], optional
            Implementation levels instead of the program's own.
        spread : callable
            As for `draw`.
        """
        parts = list(spread(partial(self._part, levels), self._cut(uniform)))
        given = {year: np.concatenate([part[year] for _, part in parts]) for year in self._given}
        return Drawn(self, uniform, np.concatenate([projected for projected, _ in parts]), given, levels)

    def _part(self, levels: Floats | None, drawn: tuple[slice, Uniform]) -> tuple[Floats, dict[int, Floats]]:
        """Return what a block of draws emits, (draw, group, year, pollutant), and of inventories by their year."""
        u, h, a, b = self.multipliers(drawn[1], drawn[0], levels)
        none = np.ones((len(u), 1, 1))
        given = {year: self._run(one, u, none, none[:, 0], none)[:, :, 0] for year, one in self._given.items()}
        return self._run(self._projected.at_levels(levels), u, h, a, b), given

    def shares(self, uniform: Uniform, count: int) -> Floats:
        """Return the Shapley shares of every measure in the first draws, (draw, measure, year, pollutant) [t/yr].

        Each draw is a plan of its own, whose shares add up to what it changes; caps get what they remove beyond the
        other measures. What drivers move is no measure's.
        """
        one, measures = self._projected, len(self.program.measures)
        classes, program = one.classes, one.classes.program
        count = min(count, len(next(iter(uniform.values()))) if uniform else 1)
        found = np.zeros((count, measures, len(program.years), classes.weight.shape[2]))
        if not measures:
            return found
        levels = one.levels.copy()
        levels[measures:] = 0.0
        owner = np.repeat(np.arange(len(classes.weight)), np.diff(classes.transfers.pointer))
        turned = classes.transfers.measure >= measures
        row_measure = np.zeros(len(program.keep), dtype=np.intp)
        row_measure[classes.intensities.row] = classes.intensities.measure
        pairs, width = classes.pairs, found[0, 0].size
        mine = pairs.measure < measures
        cells, turned_cells = cells_of(pairs.measure[mine], width), cells_of(owner[turned], width)
        drawn = self.multipliers({name: values[:count] for name, values in uniform.items()}, slice(0, count))
        for n, (alike, h, a, b) in enumerate(zip(*drawn, strict=True)):
            u = np.vstack([np.repeat(alike[:, None], h.shape[1], axis=1), h])
            moved = classes.moved * (a[one.t_strength, None] * product_of(u, one.v_ptr, one.v_column))[:, :, None]
            weight = np.ascontiguousarray(classes.weight * product_of(u, one.u_ptr, one.u_column)[:, :, None])
            np.add.at(weight.reshape(-1), turned_cells, moved[turned].reshape(-1))
            keep = np.maximum(1.0 - b[row_measure] * (1.0 - program.keep), 0.0)
            arrays = {"W": np.maximum(weight, 0.0), "V": moved, "keep": np.ascontiguousarray(keep)}
            values = shapley(classes, levels, self.threads, drawn=arrays)
            # Where no column multiplies a factor, -1, it is the row of ones behind all others.
            factor = np.vstack([u, np.ones((1, u.shape[1]))])[one.f_column].transpose(0, 2, 1)
            np.add.at(found[n].reshape(-1), cells, (values * factor[pairs.owner])[mine].reshape(-1))
        for cap in program.caps:
            free, held = (self._run(one.with_caps(caps), *drawn).sum(axis=1) for caps in ((), (cap,)))
            found[:, cap.measure] += held - free
        return found

    def multipliers(
        self, uniform: Uniform, block: slice, levels: Floats | None = None
    ) -> tuple[Floats, Floats, Floats, Floats]:
        """Return what multiplies figures in all years, and by year, transfers, and abatement [1].

        (draw, column), (draw, column, year), (draw, row), (draw, measure, pollutant).
        """
        count = block.stop - block.start

        def of(name: str) -> Floats:
            return uniform[name] if name in uniform else np.full(count, 0.5)

        years, measures = len(self.program.years), len(self.program.measures)
        inputs = self.columns.inputs
        normal = draws.normal(np.stack([of(name) for name in inputs], axis=1)) if inputs else np.empty((count, 0))
        u = self.columns.drawn(normal) if inputs else normal
        h = np.empty((count, len(self.growths), max(1, years)))
        for number, (name, _, rates, ages) in enumerate(self.growths):
            rate = draws.pert(of(name), *rates)
            h[:, number] = ((1 + rate) / (1 + rates[1]))[:, None] ** (ages if years else np.ones(1))
        a = np.ones((count, 1 + 2 * measures + len(self.turnovers)))
        b = np.ones((count, measures, self.program.keep.shape[1]))
        for one in map(partial(self._about, levels), self.strengths):
            drawn = of(one.input)
            drawn = 1 - drawn if one.falling else drawn
            wide = {ends for ends in (one.leaving, one.arriving) if ends[0] < ends[2]}
            times = {ends: draws.pert(drawn, *ends) for ends in (*wide, *(ends for ends, _ in one.kinds))}
            for row, ends in ((1 + one.measure, one.leaving), (1 + measures + one.measure, one.arriving)):
                if ends in wide:
                    a[:, row] *= times[ends]
            for ends, alike in one.kinds:
                b[:, one.measure, alike] *= times[ends][:, None]
        over = np.maximum(a[:, 1 : 1 + measures] / self.limits, 1.0)
        a[:, 1 : 1 + measures] /= over
        a[:, 1 + measures : 1 + 2 * measures] /= over
        for number, moved in enumerate(self.turnovers):
            a[:, 1 + 2 * measures + number] = draws.pert(of(moved.input), *moved.ends) - 1.0
        return np.ascontiguousarray(u), h, a, b

    def _about(self, levels: Floats | None, one: Strength) -> Strength:
        """Return a strength at other levels: a range of the implementation is about what is then assumed."""
        if levels is None or one.level is None:
            return one
        own = self.program.levels[one.measure]
        at = int(np.argmax(own))
        assumed = one.level[1] * levels[one.measure, at] / own[at] if own[at] > 0 else 0.0
        low, _, high = one.level
        pollutants = self.program.keep.shape[1]
        return of_level(one.input, one.measure, (low, assumed, high), pollutants) if assumed > 0 else one

    def _run(self, one: Compiled, u: Floats, h: Floats, a: Floats, b: Floats) -> Floats:
        """Return yearly emissions by group of a block of draws, (draw, group, year, pollutant) [t/yr], capped."""
        classes, program = one.classes, one.classes.program
        years, pollutants = classes.weight.shape[1:]
        periods = one.levels.shape[1]
        months = periods // years if years else 1
        draws, cells = len(u), len(classes.cell_group)
        # Draws stand side by side, so that the kernel looks up once what is the same for all of them.
        out = np.zeros((cells, periods, pollutants, draws))
        known = one.folded
        lists, kinds, moves = known.intensities, known.kinds, known.transfers
        most = int(np.diff(lists.pointer).max(initial=0))
        table = kinds.example if len(kinds.example) <= _TABLE else kinds.example[:0]
        _core.sample(
            W=known.weight, u_ptr=known.u_ptr, u_column=known.u_column, f_column=known.f_column,
            t_ptr=moves.pointer, t_measure=moves.measure, t_season=moves.season, t_strength=known.t_strength,
            V=known.moved, v_ptr=known.v_ptr, v_column=known.v_column,
            c_ptr=lists.pointer, c_measure=lists.measure, c_season=lists.season, c_row=lists.row,
            c_kind=kinds.code, k_entry=table, shared=known.shared, keep=program.keep, x=one.levels, g=program.seasons,
            u=np.ascontiguousarray(u.T), h=np.ascontiguousarray(h.transpose(1, 2, 0)), a=np.ascontiguousarray(a.T),
            b=np.ascontiguousarray(b.transpose(1, 2, 0)), cell=known.cell, out=out,
            scratch=np.empty((self.threads, _core.BLOCK_OF_DRAWS * (len(table) + 2 + most))), threads=self.threads,
        )  # fmt: skip
        for number, cap in enumerate(program.caps):
            held = classes.cell_caps[number]
            chosen = out[held, :, cap.pollutant]
            by_year = chosen.sum(axis=0).reshape(years, months, draws).sum(axis=1).T
            out[held, :, cap.pollutant] = chosen * cap_factor(program, cap, by_year, one.levels).T
        by_year = out.reshape(cells, years, months, pollutants, draws).sum(axis=2)
        found = np.zeros((classes.groups, years, pollutants, draws))
        for cell, group in enumerate(classes.cell_group):
            found[group] += by_year[cell]
        return np.ascontiguousarray(found.transpose(3, 0, 1, 2))
