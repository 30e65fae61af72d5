"""A client's own brand, else that of the mailbox that brought the matter, else the default; answers are always read."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tasks.rules.brands import BrandClues, all_brands, client_brand, default_brand, reply_address
from tasks.rules.office import Brand, Client, ClientContact, Office
from tasks.rules.office_brand_checks import check_brands, contrast_with_white
from tasks.rules.office_files import HeadFile, MailboxesFile, OfficeParts
from tests.samples.small_office import small_office

CERT, SHOP = Brand("cert", "Сертификат", "Сертификат"), Brand("shop", "Лавка", "Лавка")


def _office(brand: str = "") -> Office:
    plain = small_office(Path("templates"))
    (box,) = plain.mailboxes
    cert = replace(box, name="cert", address="cert@north-service.example", brand="cert")
    client = Client("beton", "Бетон", (ClientContact("alla", "Алла", ("alla@client.example",)),), brand="shop")
    other = Client("hleb", "Хлеб", (ClientContact("ivan", "Иван", ("ivan@hleb.example",)),))
    return replace(plain, brands=(CERT, SHOP), brand=brand, mailboxes=(box, cert), clients=(client, other))


CASES = [
    ("unknown@example.com", BrandClues(), ""),
    ("unknown@example.com", BrandClues(mailbox="office"), ""),
    ("unknown@example.com", BrandClues(mailbox="cert"), "cert"),
    ("unknown@example.com", BrandClues(mailbox="gone"), ""),
    ("Alla@Client.example", BrandClues(), "shop"),
    ("alla@client.example", BrandClues(mailbox="cert"), "shop"),
    ("alla.new@client.example", BrandClues(contact="alla"), "shop"),
    ("colleague@client.example", BrandClues(company="beton", mailbox="cert"), "shop"),
    ("ivan@hleb.example", BrandClues("ivan", "hleb"), ""),
    ("ivan@hleb.example", BrandClues("ivan", "hleb", "cert"), "cert"),
]


@pytest.mark.parametrize(("mail", "clues", "expected"), CASES)
def test_whose_brand_it_is(mail: str, clues: BrandClues, expected: str) -> None:
    assert client_brand(_office(), mail, clues).key == expected
    assert client_brand(_office("shop"), mail, clues).key == (expected or "shop")


def test_the_company_itself_is_a_brand_too() -> None:
    assert [brand.title for brand in all_brands(_office())] == ["Северный Сервис", "Сертификат", "Лавка"]
    assert [default_brand(_office(key)).title for key in ("", "shop")] == ["Северный Сервис", "Лавка"]


def test_answers_go_where_they_are_read() -> None:
    office = _office()
    assert reply_address(office, default_brand(office)) == "office@north-service.example"
    assert reply_address(office, CERT) == "cert@north-service.example"
    assert reply_address(office, SHOP) == "office@north-service.example"
    assert reply_address(office, replace(SHOP, reply_to="cert@north-service.example")) == "cert@north-service.example"
    resting = replace(office, mailboxes=tuple(replace(box, is_active=False) for box in office.mailboxes))
    assert reply_address(resting, CERT) == office.sender.mail


@pytest.mark.parametrize(("reply_to", "place"), [("", "key"), ("cert@other.example", "reply_to")])
def test_a_token_needs_an_address_of_our_domain(reply_to: str, place: str) -> None:
    office = _office()
    boxes = tuple(replace(box, address=f"{box.name}@other.example") for box in office.mailboxes)
    for has_tokens in (True, False):
        sender = replace(office.sender, has_plus_addresses=has_tokens)
        head = HeadFile("x", office.domain, office.time_zone, office.hours, sender)
        head = replace(head, brands=(replace(CERT, reply_to=reply_to),))
        parts = OfficeParts(head, MailboxesFile(boxes), None, None, None, None, None, {}, None, None)
        assert [flaw.path for flaw in check_brands(parts)] == ([("brands", 0, place)] if has_tokens else [])


@pytest.mark.parametrize(("colour", "contrast"), [("#000000", 21.0), ("#ffffff", 1.0), ("#767676", 4.54)])
def test_contrast(colour: str, contrast: float) -> None:
    assert contrast_with_white(colour) == pytest.approx(contrast, abs=0.01)
