"""Linking against its acceptance, by hand.

python tests/benchmarks/accept_linking.py [part ...]; parts: city, plain, stable, lineage, kill,
crowds.
"""

from __future__ import annotations

import importlib.util
import os
import pickle
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pandas as pd

from crimeloc.linking import Watch, link_events, score_links, trace_content
from crimeloc.simulation import City, make_city


def _cities() -> list[tuple[str, City]]:
    plain = [
        (f"seed {k}", make_city(rng=k, n_venues=120, n_offenders=20, n_background=2_000))
        for k in (1, 2, 3)
    ]
    untidy = make_city(
        rng=11,
        n_venues=60,
        n_offenders=20,
        n_background=2_000,
        days=365,
        shared_handles=0.2,
        reposters=0.15,
        circulating=0.3,
        elsewhere=0.3,
        ambiguous=0.3,
        habits=["roamer", "never_returns", "commuter"],
    )
    return [*plain, ("untidy", untidy)]


def city() -> None:
    """Precision, recall and calibration without labels; wrong single edges that are no bridges."""
    for name, made in _cities():
        located = made.located_truth().drop(columns="series_id")
        truth = made.truth.set_index("event_id")["uploader_id"]
        for without in ([], ["device"], ["device", "title"]):
            links = link_events(located.drop(columns=without))
            packed = links.pairs[(links.pairs["basis"] == "entities") & links.pairs["linked"]]
            wrong = packed["event_id_1"].map(truth) != packed["event_id_2"].map(truth)
            alone = packed["series_id"].map(packed.groupby("series_id").size()) == 1
            listed = packed["series_id"].isin(links.diagnostics.bridges["series_id"])
            scores = score_links(links.events, truth)
            print(f"{name}, without {without or 'nothing'}: {scores}")
            print(
                "  single wrong edges not listed as bridges: "
                f"{int((wrong & alone & ~listed).sum())}"
            )


def plain() -> None:
    """The same in the second world that fits the model ill, as the scenarios make it."""
    path = Path(__file__).parents[1] / "scenarios" / "test_linking_planted.py"
    spec = importlib.util.spec_from_file_location("planted", path)
    assert spec is not None
    assert spec.loader is not None
    planted = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(planted)
    for seed in (1, 2, 3):
        located, truth = planted._plain_world(seed)
        print(f"plain world {seed}: {score_links(link_events(located).events, truth)}")


def stable() -> None:
    """Share of old events whose series keeps its name when a tenth is added."""
    for name, made in _cities():
        located = made.located_truth().drop(columns="series_id")
        cut = located["timestamp"].sort_values().iloc[int(0.9 * len(located))]
        parts = {
            "latest": located[located["timestamp"] < cut],
            "random": located.sample(frac=0.9, random_state=1),
        }
        for kind, part in parts.items():
            early = link_events(part)
            late = link_events(located, previous=early).events.set_index("event_id")["series_id"]
            old = early.events.set_index("event_id")["series_id"].dropna()
            print(f"{name}: {kind} tenth added, {(old == late.reindex(old.index)).mean():.4f} kept")


def lineage() -> None:
    """Parents found, and first uploaders in the top three."""
    for name, made in _cities():
        for quality in (0.0, 50.0):
            found = trace_content(made.events, min_quality=quality)
            truth = made.truth.set_index("event_id")
            copies = truth[truth["parent_event_id"].notna()]
            parent = found.uploads.set_index("event_id")["parent_event_id"].reindex(copies.index)
            handle = made.events.set_index("event_id")["handle"]
            own = truth[truth["is_original"]].reset_index().set_index("content_id")["event_id"]
            content = found.origins["event_id"].map(truth["content_id"])
            hit = (found.origins["account"] == content.map(own.map(handle))).groupby(content).any()
            top = hit.reindex(copies["content_id"].unique()).fillna(False).mean()
            right = (parent == copies["parent_event_id"]).mean()
            print(f"{name}, quality {quality:g}: parents {right:.3f}, first in top three {top:.3f}")


CHILD = """
import pickle, sys
from crimeloc.linking import Watch
past, new = pickle.load(open(sys.argv[1], "rb"))
watch = Watch(past, journal=sys.argv[2])
print("ready", flush=True)
for k in range(len(new)):
    watch.add(new.iloc[[k]])
print(watch.digest(), flush=True)
"""


def kill() -> None:
    """A process killed at 50 random moments ends in the state of one that was not."""
    made = make_city(rng=11, n_venues=40, n_offenders=6, n_background=120, days=120)
    located = made.located_truth().drop(columns="series_id")
    cut = located["timestamp"].sort_values().iloc[int(0.7 * len(located))]
    past = link_events(located[located["timestamp"] < cut]).events
    new = located[located["timestamp"] >= cut].reset_index(drop=True)
    rng = random.Random(1)
    with tempfile.TemporaryDirectory() as folder:
        data, journal = Path(folder) / "data", Path(folder) / "journal"
        data.write_bytes(pickle.dumps((past, new)))
        whole = Watch(past)
        whole.add(new)
        call = [sys.executable, "-c", CHILD, str(data), str(journal)]
        killed = 0
        while killed < 50:
            child = subprocess.Popen(call, stdout=subprocess.PIPE, text=True)
            assert child.stdout is not None
            child.stdout.readline()
            time.sleep(rng.uniform(0.0, 0.05))
            os.kill(child.pid, signal.SIGKILL)
            child.wait()
            killed += 1
            if journal.exists() and journal.read_bytes().count(b"\n") > 0.9 * len(new):
                journal.write_bytes(journal.read_bytes()[: rng.randrange(2_000)])
        last = subprocess.run(call, capture_output=True, text=True, check=True).stdout.split()[-1]
    print(
        f"killed {killed} times: {'the same state' if last == whole.digest() else 'ANOTHER STATE'}"
    )


def crowds() -> None:
    """Innocents merged, and membership said and right, in crowded cafes, homes and circles."""
    path = Path(__file__).with_name("linking_worlds.py")
    spec = importlib.util.spec_from_file_location("linking_worlds", path)
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    sys.modules["linking_worlds"] = made
    spec.loader.exec_module(made)
    for name, world_of in made.worlds().items():
        rows = []
        for seed in range(1, 6):
            world = world_of(seed)
            events = link_events(world.located).events
            scores = score_links(events, world.truth)
            events = events.drop_duplicates("event_id").dropna(subset=["series_id"])
            person = events["event_id"].map(world.truth)
            groups = person.groupby(events["series_id"])
            merged = set(person[groups.transform("nunique") > 1])
            right = groups.transform(lambda who: who.mode().iloc[0]) == person
            mine = person.isin(world.people)
            said = events["series_weight"][mine].mean() - right[mine].mean()
            among = len(merged & set(world.people))
            rows.append((among, len(merged) - among, said, scores.precision, scores.recall))
        found = pd.DataFrame(rows).mean()
        print(
            f"{name}: {found[0]:.1f} of {len(world.people)} merged, {found[1]:.1f} others; "
            f"said - right {found[2]:+.3f}; precision {found[3]:.3f}, recall {found[4]:.3f}",
            flush=True,
        )


def main() -> None:
    """Run the parts that are named, or all."""
    parts = {"city": city, "plain": plain, "stable": stable, "lineage": lineage, "kill": kill}
    parts["crowds"] = crowds
    for name in sys.argv[1:] or list(parts):
        print(f"== {name}")
        parts[name]()


if __name__ == "__main__":
    pd.set_option("display.width", 200)
    main()
