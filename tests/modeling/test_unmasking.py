"""Decoding of codes: all of them, as the seed says, each motion as if alone, and what is given stays."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from mate_hf.modeling import MaskedModel
from mate_hf.modeling.masking import masked_share
from mate_hf.modeling.unmasking import KEPT_SHARE, unmask
from tests.modeling.test_modeling_masked import LENGTHS, inputs, make_masked, of_said


def decode(
    model: MaskedModel, given: dict[str, torch.Tensor], seeds: tuple[int, ...], **changed: Any
) -> torch.Tensor:
    settings = {"steps": 4, "guidance": 2.5, "known": torch.full_like(given["codes"], -1), **changed}
    given = {name: part.double() if part.is_floating_point() else part for name, part in given.items()}
    model = torch.nn.Module.double(model)
    randoms = [torch.Generator().manual_seed(seed) for seed in seeds]
    known, said = settings.pop("known"), of_said(model, given)
    return unmask(model, known, given["there"], said, randoms, **settings)


@pytest.mark.parametrize("guidance", [1, 2.5])
def test_a_seed_fixes_a_motion_whatever_stands_beside_it(guidance: float) -> None:
    model, given = make_masked(), inputs()
    together = decode(model, given, (5, 6, 7), guidance=guidance)
    assert bool((together[given["there"]] >= 0).all())
    assert bool((together < 20).all())
    assert bool((together[~given["there"]] == -1).all())
    for row, length in enumerate(LENGTHS):
        words = int(given["text_mask"][row].sum())
        own = {name: part[row : row + 1] for name, part in given.items()}
        own |= {name: own[name][:, :length] for name in ("codes", "there")}
        own |= {name: own[name][:, :words] for name in ("text", "text_mask")}
        alone = decode(model, own, (5 + row,), guidance=guidance)
        assert torch.equal(together[row, :length], alone[0])
    assert torch.equal(together, decode(model, given, (5, 6, 7), guidance=guidance))
    assert not torch.equal(together[0], decode(model, given, (8, 6, 7), guidance=guidance)[0])


def test_each_step_leaves_as_many_masked_as_the_schedule_says(monkeypatch: pytest.MonkeyPatch) -> None:
    model, given, counts = make_masked(), inputs((40, 10)), []
    before: list[torch.Tensor] = []
    forward = type(model.base).forward

    def watched(self: Any, codes: torch.Tensor, there: torch.Tensor, *rest: Any) -> torch.Tensor:
        masked = (codes == self.mask) & there
        if before:
            # What was kept once is never asked for again.
            assert not (masked & ~(before[-1] == self.mask)).any()
            kept = ~masked & (before[-1] != self.mask)
            assert torch.equal(codes[kept], before[-1][kept])
        before.append(codes.clone())
        counts.append(masked.sum(1))
        return forward(self, codes, there, *rest)

    monkeypatch.setattr(type(model.base), "forward", watched)
    decode(model, given, (0, 1), steps=5, guidance=1)
    wanted = [
        [round(float(masked_share(torch.tensor(step / 5))) * length) for length in (40, 10)]
        for step in range(5)
    ]
    assert torch.stack(counts).tolist() == wanted


def test_what_is_said_most_surely_stays() -> None:
    """A network that is surer of later places, whatever it is told: they are kept first."""
    model, given = make_masked(levels=1), inputs((16,))
    seen: list[torch.Tensor] = []

    def sure(codes: torch.Tensor, there: torch.Tensor, said: Any) -> torch.Tensor:
        seen.append(codes == model.base.mask)
        logits = torch.zeros(*codes.shape, 20, dtype=torch.float64)
        logits[..., 3] = 5 + torch.arange(16, dtype=torch.float64)
        return logits

    model.base.forward = sure  # type: ignore[method-assign]
    codes = decode(model, {**given, "codes": given["codes"][..., :1]}, (0,), steps=4, guidance=1)
    assert (codes == 3).float().mean() > 0.9
    for masked in seen[1:]:
        places = masked[0].nonzero().flatten()
        assert places.tolist() == list(range(len(places)))


def test_only_the_likeliest_codes_are_drawn_and_by_their_chances() -> None:
    model, given = make_masked(levels=1), inputs((30,))
    logits = torch.zeros(20, dtype=torch.float64)
    logits[7], logits[11] = 3.0, 2.0
    model.base.forward = lambda codes, *_: logits.expand(*codes.shape, 20)  # type: ignore[method-assign]
    given["codes"] = given["codes"][..., :1]
    found = torch.cat([decode(model, given, (seed,), steps=1, guidance=1).flatten() for seed in range(200)])
    assert round(KEPT_SHARE * 20) == 2
    assert found.unique().tolist() == [7, 11]
    chance = 1 / (1 + torch.exp(torch.tensor(-1.0)))
    assert float((found == 7).float().mean()) == pytest.approx(float(chance), abs=0.02)


def test_what_is_given_stays_and_is_seen() -> None:
    model, given = make_masked(), inputs((12, 8))
    known = torch.full_like(given["codes"], -1)
    known[0, 3:6], known[1, :8] = given["codes"][0, 3:6], given["codes"][1, :8]
    found = decode(model, given, (0, 1), known=known)
    there = known >= 0
    assert torch.equal(found[there], known[there])
    assert bool((found[given["there"]] >= 0).all())
    other = known.clone()
    other[0, 3:6] = (other[0, 3:6] + 7) % 20
    changed = decode(model, given, (0, 1), known=other)
    assert not torch.equal(changed[0, 6:], found[0, 6:])
    assert torch.equal(changed[1], found[1])


def test_guidance_makes_more_of_the_prompt_than_of_none(monkeypatch: pytest.MonkeyPatch) -> None:
    model, given = make_masked(levels=1), inputs((6,))
    given["codes"] = given["codes"][..., :1]
    spoken, quiet = torch.zeros(20, dtype=torch.float64), torch.zeros(20, dtype=torch.float64)
    spoken[3], quiet[3], quiet[4], spoken[4] = 2.0, 0.0, 4.0, 4.5

    def say(codes: torch.Tensor, there: torch.Tensor, said: Any) -> torch.Tensor:
        silent = torch.zeros(len(codes), dtype=torch.bool) if said.silent is None else said.silent
        return torch.where(silent[:, None, None], quiet, spoken).expand(*codes.shape, 20)

    model.base.forward = say  # type: ignore[method-assign]
    monkeypatch.setattr("mate_hf.modeling.unmasking.KEPT_SHARE", 0.05)
    plain, guided = (decode(model, given, (0,), steps=2, guidance=g).unique().tolist() for g in (1, 4))
    # 4.5 against 2; with four times what the prompt adds, 4 + 4 x 0.5 against 0 + 4 x 2.
    assert (plain, guided) == ([4], [3])
