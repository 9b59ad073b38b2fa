"""Peers in other interpreters, asked for one round at a time, so that they are timed in turn with all others."""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from problem import Problem

from peers.guests import GUESTS

__all__ = ["Guest", "guests"]

_HERE = Path(__file__).parents[1]


class Guest:
    """One peer in a process of its own; called, it does one round. `result` is what it found, T × S × P."""

    def __init__(self, name: str, python: str, given: Path, result: Path):
        self.name = name
        self.process = subprocess.Popen(
            [python, "-m", "peers.guests", name, given, result],
            cwd=_HERE, text=True, bufsize=1, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self._expect("ready")
        self.result = np.load(result)

    def __call__(self) -> None:
        assert self.process.stdin
        self.process.stdin.write("go\n")
        self._expect("done")

    def _expect(self, answer: str) -> None:
        assert self.process.stdout
        found = self.process.stdout.readline().strip()
        if found != answer:
            raise RuntimeError(f"{self.name} answered {found!r} and not {answer!r}")

    def close(self) -> None:
        """Let the process end."""
        assert self.process.stdin
        self.process.stdin.close()
        self.process.wait()


@contextmanager
def guests(problem: Problem, pythons: Sequence[str]) -> Iterator[list[Guest]]:
    """Give the peers that one of the interpreters can import, this one among them."""
    with ExitStack() as stack:
        room = Path(stack.enter_context(TemporaryDirectory()))
        problem.save(room / "arrays.npz")
        found = []
        for name in GUESTS:
            python = next((one for one in (sys.executable, *pythons) if _imports(one, name)), None)
            if python:
                found.append(Guest(name, python, room / "arrays.npz", room / f"{name}.npy"))
                stack.callback(found[-1].close)
        yield found


def _imports(python: str, name: str) -> bool:
    # From elsewhere, so that nothing of this folder stands for the library; one that is there but broken is not asked.
    return subprocess.run([python, "-c", f"import {name}"], cwd="/", capture_output=True, check=False).returncode == 0
