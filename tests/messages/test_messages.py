"""Messages are values: they compare, travel, and read in each language."""

from __future__ import annotations

import pickle
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crimeloc.messages import PSEUDO, Hint, Message, said, say

SEOUL = ZoneInfo("Asia/Seoul")
MANY = [
    Message("time.missing"),
    Message("row.fields", count=7, expected=5),
    Message("[odd code"),
    Message("a {x}", x=float("nan")),
    Message("a {x}", x=float("inf")),
    Message("a {x}", x=None),
    Message("a {x}", x=True),
    Message("a {x}", x=datetime(2026, 3, 6, 20, tzinfo=SEOUL)),
    Message("a {x}", x=datetime(2026, 3, 6, 20, tzinfo=UTC)),
    Message("a {x}", x=timedelta(hours=36)),
    Message("a {x}", x=(1, "b", Message("no time"))),
    Message("a {x}", x=Message("b {y}", y=Message("c {z}", z="무엇"))),
]


@pytest.mark.parametrize("message", MANY, ids=repr)
def test_what_was_written_into_a_table_is_read_again(message: Message) -> None:
    again = Message.decode(message.encode())
    pairs = Message.of(message.code, message.json_params)
    for other in (again, pairs, pickle.loads(pickle.dumps(message))):
        assert repr(other) == repr(message)
        if "nan" not in repr(message):
            assert other == message
            assert hash(other) == hash(message)


@given(
    st.dictionaries(
        st.from_regex(r"[a-z]{1,5}", fullmatch=True),
        st.text() | st.integers() | st.booleans() | st.floats(allow_nan=False) | st.none(),
    )
)
def test_any_parameters_survive_a_table(params: dict[str, object]) -> None:
    message = Message("x", **params)
    assert Message.decode(message.encode()) == message


def test_numpy_and_pandas_values_become_plain_ones() -> None:
    moment = pd.Timestamp("2026-03-06 20:00", tz="Asia/Seoul")
    message = Message("m {a} {b} {at}", a=np.float64(1.5), b=np.array([1, 2]), at=moment)
    assert Message.decode(message.encode()) == message
    assert message.params["b"] == (1, 2)
    assert type(message.params["a"]) is float


def test_a_message_cannot_be_changed() -> None:
    message = Message("x", n=1)
    with pytest.raises(AttributeError):
        message.code = "y"
    message.params["n"] = 2
    assert message.params == {"n": 1}


def test_messages_sort_and_group() -> None:
    table = pd.DataFrame({"why": [Message("b"), Message("a"), Message("b")], "n": [1, 2, 3]})
    assert table.groupby("why")["n"].sum().tolist() == [2, 4]
    assert said([Message("no time"), Message("time.missing")]) == ["no time", "no time"]


def test_a_message_inside_a_message_reads_in_the_same_language() -> None:
    inner = Message("a missing value")
    outer = Message("{found} (row {row})", found=inner, row=3)
    assert str(outer) == "a missing value (row 3)"
    assert outer.text("ko") == "빠진 값(3행)"


def test_a_text_that_no_catalogue_knows_stays_english() -> None:
    assert Message("nobody says {this}", this="that").text("ko") == "nobody says that"
    assert say("nobody says this", "ko") == "nobody says this"
    assert say((7, 24), "ko") == "(7, 24)"


def test_the_made_up_language_marks_what_it_says() -> None:
    assert Message("time.missing").text(PSEUDO) == "⟦ɱø ŧįɱę⟧".replace("ɱø", "ńø")
    assert Message("row.fields", count=1, expected=5).text(PSEUDO).startswith("⟦1 ƒįęłđ")


@pytest.mark.parametrize(
    ("hint", "text"),
    [
        (Hint(gap="36h"), 'gap="36h"'),
        (Hint("read_events", tz="Asia/Seoul"), 'read_events(..., tz="Asia/Seoul")'),
        (Hint(k=(1, 5, 10), n=None, share=0.3), "k=(1, 5, 10), n=None, share=0.3"),
        (Hint(columns={"lon": "..."}), 'columns={"lon": "..."}'),
        (Hint(rows=500_000, top=np.int64(5)), "rows=500_000, top=5"),
        (Hint(series=np.str_("S-01")), 'series="S-01"'),
        (Hint(one=("a",)), 'one=("a",)'),
    ],
)
def test_hints_read_as_python(hint: Hint, text: str) -> None:
    assert str(hint) == text
    assert hint == pickle.loads(pickle.dumps(hint))
