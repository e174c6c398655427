"""What whole bodies do on the spot: kicks, squats, seats, bows, jumps and hops, as eased keys."""

from __future__ import annotations

from mate_hf.data.synthetic.skeleton import SIDES
from mate_hf.data.synthetic.stage import Flight, Stage, other
from mate_hf.data.synthetic.timing import FPS, SETTLE, Span

GRAVITY = 9.81


def kick(span: Span, stage: Stage) -> None:
    """Chamber, strike and recoil, the foot back on the floor between kicks."""
    side, beat, controls = span.action.side, span.length.beat, stage.controls
    start = span.start + SETTLE
    height, lean = stage.rng.uniform(0.95, 1.45), stage.rng.uniform(0.1, 0.3)
    for number in range(span.length.repeats):
        keys = [start + beat * (number + share) for share in (0, 0.28, 0.5, 0.72, 1)]
        controls.lead(f"{side}_free", [keys[0], keys[1], keys[3], keys[4]], [1, 1, 0])
        controls.lead(f"{side}_swing", keys, [0.55, stage.vary(height, 0.05), 0.5, 0])
        controls.lead(f"{side}_reach", [keys[0] - 1, *keys], [0.9, 0.68, 0.985, 0.72, 0.9])
        controls.lead("lean", [keys[0], keys[2], keys[4]], [-lean, 0])
        controls.lead("spine_yaw", [keys[0], keys[2], keys[4]], [SIDES[side] * 0.2, 0])
    end = start + beat * span.length.repeats
    _weight_on(stage, other(side), start, end, 0.08)
    for arm, flexion in ((other(side), 0.9), (side, -0.3)):
        _balance(stage, arm, start, end, flexion)


def squat(span: Span, stage: Stage) -> None:
    """Down and up, arms stretched forward as a counterweight."""
    start, beat = span.start + SETTLE, span.length.beat
    depth = stage.vary(0.40, 0.1)
    for number in range(span.length.repeats):
        keys = [start + beat * (number + share) for share in (0, 0.45, 0.55, 1)]
        _lower_to(stage, keys, [depth, depth, 0], back=0.34, lean=0.7, bend=0.5)
    end = start + beat * span.length.repeats
    for side in SIDES:
        _hold_arm(stage, side, [start, start + 0.4 * beat, end - 0.4 * beat, end], (1.3, 0.1, 0.0, 0.2))


def crouch(span: Span, stage: Stage) -> None:
    """Down, and stay there."""
    start = span.start + SETTLE
    get_low(stage, "crouched", start, start + span.length.beat)


def sit(span: Span, stage: Stage) -> None:
    """Down onto a seat that nobody sees, leaning forward on the way."""
    start = span.start + SETTLE
    beat = span.length.beat
    get_low(stage, "seated", start, start + beat)
    stage.controls.lead("spine_pitch", [start, start + beat * 0.6, start + beat], [0.55, 0.0])


def get_low(stage: Stage, posture: str, start: float, end: float) -> None:
    """Take the posture `seated` or `crouched` between two frames, which may lie before the first."""
    if posture == "seated":
        for name, value in (("drop", float(stage.rng.uniform(0.37, 0.42))), ("back", 0.36), ("lean", 0.05)):
            stage.controls.lead(name, [start, end], [value])
        arm = (0.45, 0.12, 0.0, 0.85)
    else:
        _lower_to(stage, [start, end], [stage.vary(0.45, 0.06)], back=0.26, lean=1.0, bend=1.0)
        arm = (0.6, 0.15, 0.1, 0.9)
    for side in SIDES:
        _hold_arm(stage, side, [start, end], arm)


def stand(span: Span, stage: Stage) -> None:
    """Up from a seat or a crouch, leaning forward first."""
    start, beat = span.start + SETTLE, span.length.beat
    controls = stage.controls
    controls.lead("lean", [start, start + 0.35 * beat, start + beat], [0.45, 0])
    controls.lead("spine_pitch", [start, start + 0.3 * beat, start + beat], [0.45, 0])
    controls.lead("drop", [start + 0.12 * beat, start + beat], [0])
    controls.lead("back", [start + 0.05 * beat, start + 0.85 * beat], [0])
    controls.lead("head_pitch", [start, start + beat], [0])
    for side in SIDES:
        controls.lead(f"{side}_own", [start + 0.2 * beat, start + beat], [0])


def bow(span: Span, stage: Stage) -> None:
    """Bend at the waist, stay, come up."""
    start, beat = span.start + SETTLE, span.length.beat
    deep = stage.vary(1.0, 0.15)
    keys = [start, start + 0.4 * beat, start + 0.6 * beat, start + beat]
    for name, value in (("lean", 0.55), ("spine_pitch", 0.55), ("back", 0.13), ("head_pitch", 0.25)):
        stage.controls.lead(name, keys, [value * deep, value * deep, 0])
    for side in SIDES:
        _hold_arm(stage, side, keys, (0.25, 0.12, 0.0, 0.1))


def jump(span: Span, stage: Stage) -> None:
    """Crouch, fly as gravity has it, land in the knees; the tempo changes the crouch, not the fall."""
    height = stage.vary(0.2, 0.2)
    for number in range(span.length.repeats):
        start = span.start + SETTLE + span.length.beat * number
        flight = _airtime(height)
        ready = 0.62 * (span.length.beat - flight)
        off, down = start + ready, start + ready + flight
        end = start + span.length.beat
        _lower_to(stage, [start, start + 0.6 * ready, off, down, down + 0.4 * (end - down), end],
                  [0.22, 0.0, 0.03, 0.2, 0.0], back=0.3, lean=0.9, bend=0.6)  # fmt: skip
        _fly(stage, ("left", "right"), off, down, height)
        for side in SIDES:
            keys = [start, start + 0.6 * ready, off + 0.4 * flight, down, end]
            _aim_arm(stage, side, start, (0.1, 0.2, 0.0, 0.3))
            stage.controls.lead(f"{side}_own", keys, [1, 1, 0.6, 0])
            for angle, values in (("flexion", [-0.7, 1.5, 0.5, 0.1]), ("elbow", [0.5, 0.5, 0.6, 0.3])):
                stage.controls.lead(f"{side}_{angle}", keys, values)
            stage.controls.lead(f"{side}_abduction", keys, [0.2, 0.25, 0.3, 0.2])


def hop(span: Span, stage: Stage) -> None:
    """Small hops on one leg, the other drawn up, or on both."""
    side, controls = span.action.side, stage.controls
    beat, height = span.length.beat, min(stage.vary(0.06), 0.09)
    start = span.start + SETTLE + 4
    end = start + beat * span.length.repeats
    feet: tuple[str, ...] = ("left", "right")
    if side != "both":
        feet, raised = (side,), other(side)
        lifting = [span.start + 1, start, end, end + 6]
        controls.lead(f"{raised}_free", lifting, [1, 1, 0])
        controls.lead(f"{raised}_swing", lifting, [stage.rng.uniform(-0.45, 0.2), -0.1, 0])
        controls.lead(f"{raised}_reach", [span.start, *lifting], [0.9, 0.72, 0.72, 0.9])
        _weight_on(stage, side, span.start, end + 5, 0.085)
    for arm in SIDES:
        _balance(stage, arm, span.start, end + 5, 0.2)
    for number in range(span.length.repeats):
        off = start + beat * (number + 0.5) - _airtime(height) / 2
        down = off + _airtime(height)
        keys = [
            start + beat * number,
            off - 0.4 * (off - start - beat * number),
            off,
            down,
            start + beat * (number + 1),
        ]
        controls.lead(
            "drop", [*keys[:4], down + 0.5 * (keys[4] - down), keys[4]], [0.07, 0.0, 0.02, 0.06, 0.0]
        )
        _fly(stage, feet, off, down, height)


def _airtime(height: float) -> float:
    """Frames a body is in the air that rises `height` metres."""
    return 2 * (2 * height / GRAVITY) ** 0.5 * FPS


def _fly(stage: Stage, feet: tuple[str, ...], off: float, down: float, height: float) -> None:
    share = (stage.controls.times - off) / (down - off)
    airborne = (share > 0) & (share < 1)
    stage.controls.ripple("lift", airborne * 4 * height * share * (1 - share))
    for foot in feet:
        stage.controls.lead(f"{foot}_heel", [off - 4, off, down, down + 2], [0.6, 0.3, 0])
    stage.flights.append(Flight(feet, off, down))


def _lower_to(
    stage: Stage, keys: list[float], drops: list[float], back: float, lean: float, bend: float
) -> None:
    """Drop the pelvis through `drops` (m), moving back and bending in proportion (m and rad a metre)."""
    for name, factor in (("drop", 1.0), ("back", back), ("lean", lean), ("spine_pitch", bend)):
        stage.controls.lead(name, keys, [factor * drop for drop in drops])


def _weight_on(stage: Stage, side: str, start: float, end: float, far: float) -> None:
    """Hold the pelvis over one foot."""
    stage.controls.lead("aside", [start, start + 5, end - 5, end], [SIDES[side] * far, SIDES[side] * far, 0])


def _balance(stage: Stage, side: str, start: float, end: float, flexion: float) -> None:
    _hold_arm(stage, side, [start, start + 6, end - 5, end], (flexion, 0.45, 0.3, 0.7))


def _hold_arm(stage: Stage, side: str, keys: list[float], pose: tuple[float, float, float, float]) -> None:
    """Bring an arm into `pose` over the first two keys, and release it over the last two, if four."""
    _aim_arm(stage, side, keys[0], pose)
    stage.controls.lead(f"{side}_own", keys, [1, 1, 0][: len(keys) - 1])


def _aim_arm(stage: Stage, side: str, at: float, pose: tuple[float, float, float, float]) -> None:
    """Set the angles of an arm that hangs until frame `at`; it does not follow them yet."""
    for angle, value in zip(("flexion", "abduction", "twist", "elbow"), pose, strict=True):
        stage.controls.lead(f"{side}_{angle}", [at - 1, at], [value])
