"""No circles between modules."""

from __future__ import annotations

import graphlib
from collections.abc import Mapping

import grimp


def _circles(imports: Mapping[str, set[str]]) -> list[str]:
    """Find a circle, cut it, and look for the next, until there is none."""
    left = {module: set(found) for module, found in imports.items()}
    circles = []
    while True:
        try:
            graphlib.TopologicalSorter(left).prepare()
        except graphlib.CycleError as error:
            path = error.args[1][::-1]  # each imports the one after it
            circles.append(" -> ".join(path))
            left[path[0]].discard(path[1])
        else:
            return circles


def test_no_circle_not_even_by_type_checking_imports() -> None:
    graph = grimp.build_graph("crimeloc", cache_dir=None, exclude_type_checking_imports=False)
    imports = {name: graph.find_modules_directly_imported_by(name) for name in graph.modules}
    assert len(imports) > 150
    found = _circles(imports)
    assert not found, "\n".join(found)


def test_a_circle_would_be_seen() -> None:
    circles = _circles({"a": {"b"}, "b": {"c"}, "c": {"a", "d"}, "d": {"e"}, "e": {"d"}})
    assert sorted(len(circle.split(" -> ")) for circle in circles) == [3, 4]
