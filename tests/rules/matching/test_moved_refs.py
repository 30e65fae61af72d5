"""A ref replaced wherever it stands alone in plain JSON, and put back where nothing has changed."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tasks.rules.matching.moved_refs import put_back_ref, replace_ref

OLD, NEW = "contact:1", "contact:12"
PLAIN: st.SearchStrategy[Any] = st.recursive(
    st.sampled_from([OLD, NEW, "contact:1 calls", "a/b~c", 7, None, True]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a/b", "~x", OLD]), inner),
    max_leaves=12,
)


def test_only_a_ref_that_stands_alone_is_one() -> None:
    value = {"client": OLD, "note": f"ask {OLD}", OLD: [NEW, {"a/b~": OLD}]}
    assert replace_ref(value, OLD, NEW) == (
        {"client": NEW, "note": f"ask {OLD}", OLD: [NEW, {"a/b~": NEW}]},
        ("/client", f"/{OLD}/1/a~1b~0"),
    )


@given(PLAIN)
def test_putting_back_gives_what_was_there(value: Any) -> None:
    replaced, places = replace_ref(value, OLD, NEW)
    assert put_back_ref(replaced, places, NEW, OLD) == value


def test_what_was_changed_since_stays() -> None:
    _, places = replace_ref({"client": OLD, "payer": OLD}, OLD, NEW)
    assert put_back_ref({"client": NEW, "payer": "contact:3", "other": NEW}, places, NEW, OLD) == {
        "client": OLD,
        "payer": "contact:3",
        "other": NEW,
    }
