"""Signed links: read back as they were signed, and refused when anything about them is not ours."""

from __future__ import annotations

import string
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.rules.door.links import (
    LinkClaim,
    LinkError,
    action_url,
    nonce_of,
    purpose_of,
    read,
    require_purpose,
    sign,
)

SECRET = bytes(range(32))
NOW = datetime(2026, 11, 17, 9, 30, tzinfo=UTC)
CLAIM = LinkClaim("approval", "person:4", 17, 9, 2, "ab" * 32, nonce_of(SECRET, "person:4", 17, 2), NOW)


def test_a_link_is_read_as_it_was_signed() -> None:
    assert read(SECRET, sign(SECRET, CLAIM), NOW) == CLAIM
    assert sign(SECRET, CLAIM) == sign(SECRET, CLAIM)


def test_the_whole_link_fits_a_mail_line() -> None:
    assert len(action_url("https://door.north-service.example", "approval", sign(SECRET, CLAIM))) < 300


def test_an_expired_link_says_what_it_was_about() -> None:
    with pytest.raises(LinkError, match="expired") as caught:
        read(SECRET, sign(SECRET, CLAIM), NOW + timedelta(seconds=1))
    assert caught.value.claim == CLAIM


@given(st.data())
def test_every_changed_letter_is_a_forgery(data: st.DataObject) -> None:
    token = sign(SECRET, CLAIM)
    place = data.draw(st.integers(0, len(token) - 2))  # the last letter holds bits that no byte has
    letter = data.draw(st.sampled_from(string.ascii_letters + string.digits + "-_."))
    changed = token[:place] + letter + token[place + 1 :]
    if changed != token:
        with pytest.raises(LinkError, match="forged"):
            read(SECRET, changed, NOW)


@given(st.text(max_size=300))
def test_any_text_is_refused_in_one_way(text: str) -> None:
    with pytest.raises(LinkError, match="forged"):
        read(SECRET, text, NOW)


@pytest.mark.parametrize("token", ["", ".", "a" * 5000, "eyJhIjoxfQ.c2ln", "\x00", "../../etc/passwd"])
def test_known_nonsense(token: str) -> None:
    with pytest.raises(LinkError, match="forged"):
        read(SECRET, token, NOW)


def test_another_store_s_link_opens_nothing() -> None:
    with pytest.raises(LinkError, match="forged"):
        read(SECRET, sign(b"another", CLAIM), NOW)


def test_a_link_opens_only_its_own_page() -> None:
    assert require_purpose(CLAIM, "approval") is CLAIM
    with pytest.raises(LinkError, match="foreign"):
        require_purpose(CLAIM, "task")


def test_one_nonce_per_person_work_and_round() -> None:
    nonces = {nonce_of(SECRET, person, task, round_) for person in ("person:1", "contact:1") for task in (1, 2)
              for round_ in (1, 2)}  # fmt: skip
    assert len(nonces) == 8
    assert replace(CLAIM, nonce="n").event_key == "link:n"


def test_the_page_of_each_kind_of_work() -> None:
    urls = [action_url("https://x.example/", purpose_of(kind), "T") for kind in ("approval", "task", "confirm")]
    assert urls == ["https://x.example/a/T", "https://x.example/t/T", "https://x.example/when/T"]
