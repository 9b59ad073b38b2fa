"""Who does the work: this process, processes of this machine, or a Dask cluster; answers come in the order of tasks.

There is one level of parallelism: a task runs on one thread. Whoever combines what tasks return does so in the order of
the tasks, so that the result is the same bits wherever they ran, in whatever order they ended.
"""

import os
import pickle
import signal
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol, TypeVar, cast

from emis.errors import EmisError

__all__ = ["Cluster", "Here", "Processes", "SchedulerError", "Workers", "beside", "workers_at"]

T = TypeVar("T")
R = TypeVar("R")

#: Tasks handed out for each worker: it has work while the answers of others are waited for, and no more is held.
_AHEAD = 3
#: With fewer cores than this, processes beside this one take longer to start than they save.
_CORES_BESIDE = 4


class SchedulerError(EmisError):
    """A cluster that cannot be reached or has no workers."""

    exit_code = 2


class Workers(Protocol):
    """Runs a function on items, and yields the answers in the order of the items."""

    def map(self, function: Callable[[T], R], items: Sequence[T]) -> Iterator[R]:
        """Run `function` on each item; both, and the answers, can be pickled."""
        ...


class Here:
    """This process, one task after the other."""

    def map(self, function: Callable[[T], R], items: Sequence[T]) -> Iterator[R]:
        """Run `function` on each item."""
        return (function(item) for item in items)

    def begin(self, function: Callable[[T], R], item: T) -> Callable[[], R]:
        """Return what runs `function` on an item when it is asked for the answer."""
        return lambda: function(item)


class Processes:
    """Processes of this machine, which are there from the first task on until the pool is closed."""

    def __init__(self, count: int):
        import multiprocessing
        from concurrent.futures import ProcessPoolExecutor

        # A fork of a process with threads of its own may hang; what is forked here is a server without any.
        method = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"
        self._count = count
        self._pool = ProcessPoolExecutor(count, multiprocessing.get_context(method), _ends_quietly)

    def __enter__(self) -> "Processes":
        return self

    def __exit__(self, *_error: object) -> None:
        self._pool.shutdown(cancel_futures=True)

    def map(self, function: Callable[[T], R], items: Sequence[T]) -> Iterator[R]:
        """Run `function` on each item; it is handed over once, by a file, however large it is."""
        with TemporaryDirectory(prefix="emis-") as folder:
            stored = Path(folder) / "function"
            stored.write_bytes(pickle.dumps(function))
            yield from _in_order(lambda item: self._pool.submit(_call_stored, stored, item), items, self._count)

    def begin(self, function: Callable[[T], R], item: T) -> Callable[[], R]:
        """Begin to run `function` on an item, and return what waits for the answer."""
        # Pickled here and now: the pool does so in a thread, while its caller may go on with the item.
        return self._pool.submit(_call_pickled, pickle.dumps((function, item))).result


class Cluster:
    """The workers of a Dask scheduler; a task of a worker that is lost is run again by another."""

    def __init__(self, client: Any):
        self._client = client

    def map(self, function: Callable[[T], R], items: Sequence[T]) -> Iterator[R]:
        """Run `function` on each item; it goes to each worker once."""
        # Held by the scheduler as a task, not scattered: when the worker that has it is lost, it is made again.
        shared = self._client.submit(_itself, function, pure=False)
        count = max(1, len(self._client.nthreads()))
        return _in_order(lambda item: self._client.submit(_call, shared, item, pure=False), items, count)


@contextmanager
def beside(wanted: bool = True) -> Iterator[Here | Processes]:
    """Give processes for what can be done beside this one; where it is not wanted, or cores are few, this one."""
    if not wanted or (os.cpu_count() or 1) < _CORES_BESIDE:
        yield Here()
        return
    with Processes(_CORES_BESIDE) as found:
        yield found


@lru_cache(maxsize=1)
def _stored(path: Path) -> Callable[[Any], Any]:
    return cast(Callable[[Any], Any], pickle.loads(path.read_bytes()))


def _call_stored(path: Path, item: Any) -> Any:
    return _stored(path)(item)


def _ends_quietly() -> None:
    """Let an interrupt, which a terminal sends to all its processes, end this one without a word."""
    signal.signal(signal.SIGINT, lambda *_: os._exit(130))


def _call_pickled(task: bytes) -> Any:
    function, item = pickle.loads(task)
    return function(item)


def _itself(value: Any) -> Any:
    return value


def _call(function: Callable[[T], R], item: T) -> R:
    return function(item)


def _in_order(submit: Callable[[T], Any], items: Sequence[T], workers: int) -> Iterator[Any]:
    waiting: deque[Any] = deque()
    for item in items:
        waiting.append(submit(item))
        if len(waiting) > _AHEAD * workers:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


def workers_at(scheduler: str | None, processes: int = 1) -> AbstractContextManager[Workers]:
    """Return the workers of a scheduler, such as ``tcp://node1:8786``; without one, processes of this machine.

    Raises
    ------
    SchedulerError
        When Dask is not installed, nothing answers at that address, or nobody works for it.
    """
    return _of_cluster(scheduler) if scheduler is not None else _of_machine(processes)


@contextmanager
def _of_machine(processes: int) -> Iterator[Workers]:
    if processes == 1:
        yield Here()
        return
    with Processes(processes) as workers:
        yield workers


@contextmanager
def _of_cluster(scheduler: str) -> Iterator[Workers]:
    try:
        from distributed import Client
    except ImportError:
        raise SchedulerError("--scheduler needs dask.distributed: pip install 'emis[dask]'") from None
    try:
        client: Any = Client(scheduler, timeout=10, set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as error:
        raise SchedulerError(f"no scheduler answers at {scheduler}: {error}") from None
    try:
        if not client.nthreads():
            raise SchedulerError(
                f"the scheduler at {scheduler} has no workers: start some with dask worker {scheduler}"
            )
        yield Cluster(client)
    finally:
        client.close()
