"""A procedural motion-text corpus with exact truth: the data that comes with the package.

`write_synthetic_corpus` writes it as a HumanML3D folder. From a scenario (`casting`, `scenario`) the actions
write curves (`gaits`, `bodies`, `arms`), the solver turns them into joints (`solver`), and captions are told
with the frames of every word (`captions`).
"""

from mate_hf.data.synthetic.actions import HELD_OUT, Action, Combination, is_held_out
from mate_hf.data.synthetic.captions import Caption, tell
from mate_hf.data.synthetic.performing import perform
from mate_hf.data.synthetic.scenario import Scenario, Segment, draw_timeline
from mate_hf.data.synthetic.writing import summary, write_synthetic_corpus

__all__ = [
    "HELD_OUT",
    "Action",
    "Caption",
    "Combination",
    "Scenario",
    "Segment",
    "draw_timeline",
    "is_held_out",
    "perform",
    "summary",
    "tell",
    "write_synthetic_corpus",
]
