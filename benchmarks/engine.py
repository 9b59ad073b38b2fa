"""emis as it is timed: arrays allocated once and filled again, and programs that have nothing cached."""

import inspect
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np

from emis import _core, kernels
from emis.classes import Classes, merge
from emis.inventory import Floats
from emis.program import Program

__all__ = ["classes_of", "fresh", "groups_of", "outputs", "projector", "summing"]


def fresh(program: Program) -> Program:
    """Return the same program without what was found out about it while it ran."""
    return replace(program)


def outputs(program: Program) -> tuple[Floats, Floats]:
    """Return arrays for emissions, T × S × P, and activity, T × S, whose pages are there."""
    emissions = np.zeros((program.levels.shape[1], *program.inventory.factor.shape))
    emissions.fill(0.0)
    activity = np.zeros(emissions.shape[:2])
    activity.fill(0.0)
    return emissions, activity


def projector(
    program: Program, out: tuple[Floats, Floats] | None = None, threads: int = 1
) -> Callable[..., tuple[Floats, Floats]]:
    """Return what projects a program at its own or other levels into the same arrays every time."""
    filled = outputs(program) if out is None else out
    if "out" in inspect.signature(kernels.project).parameters:
        return lambda levels=program.levels: kernels.project(program, levels, threads, filled)

    def run(levels: Floats = program.levels) -> tuple[Floats, Floats]:
        _core.project(
            program.activity, program.inventory.factor, program.profile, program.share,
            program.transfers.pointer, program.transfers.measure, program.transfers.season, program.tau,
            program.intensities.pointer, program.intensities.measure, program.intensities.season,
            program.intensities.row, program.keep, program.stay, levels, program.seasons, *filled, threads,
        )  # fmt: skip
        return filled

    return run


def classes_of(program: Program) -> Classes:
    """Return the classes of a program whose totals are asked for by group."""
    group = groups_of(program)
    return merge(program, group, int(group.max()) + 1)


def groups_of(program: Program) -> np.ndarray:
    """Return the group each source reports into, S: its category, as sectors would be."""
    return program.inventory.coded("category").codes


def summing(program: Program, threads: int = 1) -> Callable[..., Floats] | None:
    """Return what sums by group without holding emissions of sources; None where the kernels cannot."""
    if not hasattr(kernels, "sums"):
        return None
    group = groups_of(program)
    return partial(kernels.sums, program, program.levels, group, int(group.max()) + 1, threads=threads)
