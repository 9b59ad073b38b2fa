"""`emis cluster-example`: how a run is spread over more than one machine."""

import click

from emis.cli.options import JSON
from emis.envelope import Outcome

__all__ = ["cluster_example"]

_EXAMPLE = """\
# A run over several machines, in three shells. Each machine has emis with its extra for clusters, and sees the
# project and the result folder at the same path:
#
#   pip install 'emis[dask,parquet]'

# 1. On one machine, here called node1: the scheduler.
dask scheduler --port 8786

# 2. On each machine that works: as many workers as it has cores, one thread each. A worker needs about half a gigabyte.
dask worker tcp://node1:8786 --nworkers {workers} --nthreads 1 --memory-limit 2GB

# 3. Where the project is: the run. The numbers are the same bits as those of one machine.
emis run {scenario} --scheduler tcp://node1:8786

# With Slurm, steps 1 and 2 as one job; {{ nodes }} of {workers} cores:
#
#   #SBATCH --nodes=4 --ntasks-per-node=1 --cpus-per-task={workers}
#   dask scheduler --scheduler-file scheduler.json &
#   srun dask worker --scheduler-file scheduler.json --nworkers {workers} --nthreads 1 &
#   emis run {scenario} --scheduler tcp://$(hostname):8786

# On one machine no cluster is needed: processes do the same.
#
#   emis run {scenario} --threads {workers}
"""


@click.command("cluster-example")
@click.argument("scenario", default="scenarios/full.yaml")
@click.option("--workers", type=click.IntRange(1, 1024), default=8, show_default=True, help="Workers of each machine.")
@JSON
def cluster_example(scenario: str, workers: int, as_json: bool) -> None:
    """Show how to run a SCENARIO on a cluster of Dask workers."""
    text = _EXAMPLE.replace("{{ nodes }}", "four nodes").format(scenario=scenario, workers=workers)
    if not as_json:
        click.echo(text, nl=False)
    raise Outcome({"example": text})
