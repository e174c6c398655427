"""The house stays in order: a room imports only what lies before it on the way of the data, and nothing runs in a circle."""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import grimp
import pytest

import mate_hf

WAY_OF_THE_DATA = (
    "errors",
    "utils",
    "modeling",
    "text",
    "data",
    "motion_files",
    "runs",
    "objectives",
    "retrieval",
    "retrieval_checkpoints",
    "guo_evaluator",
    "localization",
    "alignment",
    "training",
    "openai_clip",
    "exports",
    "plotting",
    "generation",
    "evaluation",
    "ablations",
    "reports",
    "explorer",
    "hub",
    "cli",
    "quickstart",
)
"""Every room, each importing only earlier ones. `text` knows words and no corpus; `data` asks it for lemmas."""


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    return grimp.build_graph("mate_hf", cache_dir=None)


def test_every_room_has_its_place_and_nothing_lies_at_the_top(graph: grimp.ImportGraph) -> None:
    assert {name.removeprefix("mate_hf.") for name in graph.find_children("mate_hf")} == set(WAY_OF_THE_DATA)
    top = Path(mate_hf.__file__).parent.glob("*.py")
    assert {path.name for path in top} == {"__init__.py", "errors.py"}


def test_no_room_imports_a_later_one(graph: grimp.ImportGraph) -> None:
    layers = [f"mate_hf.{room}" for room in reversed(WAY_OF_THE_DATA)]
    against = graph.find_illegal_dependencies_for_layers(layers)
    assert not [f"{found.importer} -> {found.imported}" for found in against]


def test_no_module_imports_itself_through_others(graph: grimp.ImportGraph) -> None:
    imports = {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}
    # A name that a lazy package opens on demand is no import of the package's own.
    imports["mate_hf"] = set()
    try:
        TopologicalSorter(imports).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


def test_networks_know_nothing_of_the_house(graph: grimp.ImportGraph) -> None:
    networks = {"mate_hf.modeling", *graph.find_descendants("mate_hf.modeling")}
    assert len(networks) > 10
    outside = {other for module in networks for other in graph.find_modules_directly_imported_by(module)}
    assert outside <= networks
