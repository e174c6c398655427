"""What aligning costs is timed where it does all that it can."""

from __future__ import annotations

import pytest
import torch

from benchmarks import alignment_step
from benchmarks.alignment_step import HOSTS, step_cases


@pytest.mark.parametrize("host", HOSTS)
def test_every_motion_has_a_term(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    found = []
    align = alignment_step.align
    monkeypatch.setattr(alignment_step, "align", lambda *given: found.append(align(*given)) or found[-1])
    build = HOSTS[host][0]
    torch.manual_seed(0)
    motion = torch.randn(3, 40, 263)
    network, loss = build(motion)
    before = [parameter.detach().clone() for parameter in network.parameters()]
    cases = step_cases(network, loss, motion)
    cases["host"]()
    assert not found
    cases["aligned"]()
    assert found[0].inactive == {"inter": 0, "intra": 0}
    assert any((a != b).any() for a, b in zip(before, network.parameters(), strict=True))
