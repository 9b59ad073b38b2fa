"""Every peer that is installed projects the same emissions as emis."""

import numpy as np
import pytest
from cases import PATTERNS, SHAPES, Case, program
from engine import projector
from peers import PEERS, Peer
from problem import Problem


@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize("peer", PEERS, ids=lambda peer: peer.name)
def test_agrees(peer: Peer, pattern: str) -> None:
    if not peer.importable:
        pytest.skip(f"{peer.module} is not installed")
    found = program(Case(SHAPES["district"], pattern))
    emissions = projector(found)()[0]
    np.testing.assert_allclose(peer.prepare(Problem.of(found))(), emissions, rtol=1e-9)
