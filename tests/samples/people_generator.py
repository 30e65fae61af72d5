"""Invented people and the records they leave: deterministic, with the truth of who is who.

Families with one telephone, switchboards, reused numbers, shared and role mailboxes, namesakes, slips of the pen,
three transliterations, short names, missing patronymics, married names, several numbers in one field.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import combinations

from tasks.rules.mail_address import canonical_mail
from tests.samples.people_names import NameLists
from tests.samples.transliterations import SCHEMES, transliterate

_FREE = ("gmail.com", "yandex.ru", "mail.ru", "bk.ru", "example.com")
_ROLES = ("info", "office", "zakaz", "sales", "buh")


@dataclass(frozen=True, slots=True)
class Record:
    """What came in once, as it was written."""

    name: str = ""
    mails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    company: str = ""


@dataclass(slots=True)
class Human:
    """A person who exists."""

    number: int
    language: str
    gender: str
    first: str
    short: str
    middle: str
    last: str
    mobile: str
    mail: str
    maiden: str = ""
    company: str = ""
    domain: str = ""
    switchboard: str = ""
    home_phone: str = ""
    old_mobile: str = ""
    shares_mail: bool = False


@dataclass(slots=True)
class World:
    """Records with the person behind each, and pairs of records that look alike but are two people."""

    records: list[Record] = field(default_factory=list)
    truth: list[int] = field(default_factory=list)
    hard_negatives: list[tuple[int, int]] = field(default_factory=list)

    def true_pairs(self) -> set[tuple[int, int]]:
        """Every pair of records of one person."""
        found: dict[int, list[int]] = {}
        for record, human in enumerate(self.truth):
            found.setdefault(human, []).append(record)
        return {pair for records in found.values() for pair in combinations(records, 2)}


class PeopleGenerator:
    """Makes worlds of one part of the names; the same seed makes the same world."""

    def __init__(self, names: NameLists, seed: int) -> None:
        self._names = names
        self._chance = random.Random(seed)
        self._phones = iter(self._chance.sample(range(1_000_000, 9_999_999), 400_000))
        self._number = 0
        self._taken: set[str] = set()

    def world(self, households: int) -> World:
        """People in families, firms and alone, each with one to four records; and hard negatives among them."""
        world = World()
        groups: list[list[Human]] = []
        for _ in range(households):
            kind = self._chance.random()
            group = self._family() if kind < 0.3 else self._firm() if kind < 0.5 else self._loner()
            groups.append(group)
        self._reuse_numbers([human for group in groups for human in group])
        for group in groups:
            self._put(world, group)
        return world

    def _put(self, world: World, group: list[Human]) -> None:
        first = len(world.records)
        for human in group:
            for _ in range(self._chance.choice((1, 2, 2, 3, 4))):
                world.records.append(self._record(human))
                world.truth.append(human.number)
        for one, other in combinations(range(first, len(world.records)), 2):
            if world.truth[one] != world.truth[other] and _share(world.records[one], world.records[other]):
                world.hard_negatives.append((one, other))

    def _family(self) -> list[Human]:
        """A couple, perhaps with a child, who share a mobile, a home number or a mailbox."""
        husband, wife = self._human("m", "ru"), self._human("f", "ru")
        while wife.short == husband.short:
            wife = self._human("f", "ru")
        wife.maiden, wife.last = wife.last, feminine(husband.last)
        people = [husband, wife]
        if self._chance.random() < 0.4:
            child = self._human(self._chance.choice("mf"), "ru")
            child.last = husband.last if child.gender == "m" else feminine(husband.last)
            child.middle = patronymic_of(husband.first, child.gender)
            if child.gender == "m" and self._chance.random() < 0.02 and child.middle[:4] != husband.middle[:4]:
                child.first, child.short = husband.first, husband.short
            people.append(child)
        shared = self._chance.random()
        for human in people:
            if shared < 0.4:
                human.mobile = husband.mobile
            elif shared < 0.7:
                human.mail, human.shares_mail = husband.mail, True
            else:
                human.home_phone = husband.mobile
        return people

    def _firm(self) -> list[Human]:
        """Colleagues behind one switchboard, with addresses at the firm and its role mailbox."""
        company, domain = self._chance.choice(self._names.companies)
        language = "ru" if any("а" <= one <= "я" for one in company.lower()) else self._chance.choice(("en", "no"))
        number = self._chance.randrange(10, 99)
        domain = f"{domain}{number}.example"
        form = self._chance.choice(("ООО «{}»", "АО {}", "{}, ООО")) if language == "ru" else "{} AS"
        switchboard = f"+7495{next(self._phones)}" if language == "ru" else f"+472{next(self._phones) % 10_000_000:07d}"
        people = [self._human(self._chance.choice("mf"), language) for _ in range(self._chance.randrange(2, 6))]
        if len(people) > 3 and self._chance.random() < 0.3:
            people[1].last = people[0].last if people[1].gender == people[0].gender else people[1].last
        for human in people:
            human.company, human.domain, human.switchboard = form.format(f"{company} {number}"), domain, switchboard
            if self._chance.random() < 0.6:
                human.mail = self._own(f"{self._local(human, is_short=True)}@{domain}")
        return people

    def _loner(self) -> list[Human]:
        human = self._human(self._chance.choice("mf"), self._chance.choice(("ru", "ru", "ru", "en", "no")))
        if human.gender == "f" and human.language == "ru" and self._chance.random() < 0.2:
            human.maiden = feminine(self._chance.choice(self._names.surnames))
        if self._chance.random() < 0.3:
            namesake = self._human(human.gender, human.language)
            namesake.first, namesake.short, namesake.last = human.first, human.short, human.last
            if self._chance.random() < 0.3:
                local, _, domain = human.mail.partition("@")
                namesake.mail = self._own(f"{local}{self._chance.randrange(2, 99)}@{domain}")
            return [human, namesake]
        return [human]

    def _reuse_numbers(self, people: list[Human]) -> None:
        """One in thirty got a number that was somebody's before."""
        for human in people:
            if self._chance.random() < 0.03:
                before = self._chance.choice(people)
                if before.first != human.first:
                    before.old_mobile = human.mobile

    def _human(self, gender: str, language: str) -> Human:
        self._number += 1
        names = self._names
        if language == "ru":
            given = self._chance.choice(names.male if gender == "m" else names.female)
            last = self._chance.choice(names.surnames)
            middle = self._chance.choice(names.fathers)[gender == "f"]
            last = last if gender == "m" else feminine(last)
        elif language == "en":
            given = self._chance.choice(names.english_male if gender == "m" else names.english_female)
            last, middle = self._chance.choice(names.english_surnames), ""
        else:
            given = self._chance.choice(names.norwegian_male if gender == "m" else names.norwegian_female)
            last, middle = self._chance.choice(names.norwegian_surnames), ""
        first, _, short = given.partition(" ")
        mobile = {
            "ru": f"+7900{next(self._phones)}",
            "en": f"+4479{next(self._phones):07d}00"[:13],
            "no": f"+479{next(self._phones):07d}",
        }[language]
        human = Human(self._number, language, gender, first, short or first, middle, last, mobile, "")
        human.mail = self._own(f"{self._local(human)}@{self._chance.choice(_FREE)}")
        return human

    def _own(self, mail: str) -> str:
        """The address, with a number where somebody has it already."""
        local, _, domain = mail.partition("@")
        while canonical_mail(mail) in self._taken:
            mail = f"{local}{self._chance.randrange(2, 9999)}@{domain}"
        self._taken.add(str(canonical_mail(mail)))
        return mail

    def _local(self, human: Human, *, is_short: bool = False) -> str:
        scheme = self._chance.choice(list(SCHEMES.values()))
        first, last = (_latin(text, scheme) for text in (human.first, human.last))
        forms = [f"{first[0]}.{last}", f"{last}.{first}", f"{first}.{last}", f"{last}{first[0]}"]
        plain = self._chance.choice(forms)
        return plain if is_short else f"{plain}{self._chance.choice(('', '', str(self._chance.randrange(60, 99))))}"

    def _record(self, human: Human) -> Record:
        has_mail, has_phone = self._chance.choice(((True, False), (False, True), (True, True), (True, True)))
        mails, phones = [], []
        if has_mail:
            mails.append(self._mail(human))
        if has_phone:
            phones.append(self._phone(human))
        is_at_firm = human.company and self._chance.random() < 0.6
        if is_at_firm and self._chance.random() < 0.4:
            phones.append(human.switchboard)
        if is_at_firm and self._chance.random() < 0.15:
            mails.append(f"{self._chance.choice(_ROLES)}@{human.domain}")
        if human.home_phone and self._chance.random() < 0.4:
            phones.append(human.home_phone)
        name = "" if has_mail and self._chance.random() < 0.08 else self._name(human)
        joined = (self._chance.choice((", ", "; ", " / ")).join(phones),) if phones else ()
        return Record(name, tuple(mails), joined, human.company if is_at_firm else "")

    def _mail(self, human: Human) -> str:
        mail = human.mail
        if self._chance.random() < 0.05:
            local, _, domain = mail.partition("@")
            place = self._chance.randrange(1, len(local))
            mail = f"{local[:place]}{local[place + 1 :]}@{domain}" if len(local) > 7 else mail
        if self._chance.random() < 0.1:
            mail = mail.upper()
        return mail.replace("@gmail.com", "+work@gmail.com") if self._chance.random() < 0.1 else mail

    def _phone(self, human: Human) -> str:
        e164 = human.old_mobile if human.old_mobile and self._chance.random() < 0.3 else human.mobile
        if human.language != "ru":
            return e164
        digits = e164[2:]
        if self._chance.random() < 0.03:
            place = self._chance.randrange(5, 10)
            digits = f"{digits[:place]}{(int(digits[place]) + 1) % 10}{digits[place + 1 :]}"
        forms = ("+7{}", "8 ({}) {}-{}-{}", "7{}", "моб. +7 {} {}-{}-{}")
        form = self._chance.choice(forms)
        return (
            form.format(digits)
            if form.count("{}") == 1
            else form.format(digits[:3], digits[3:6], digits[6:8], digits[8:])
        )

    def _name(self, human: Human) -> str:
        first = human.short if self._chance.random() < 0.3 else human.first
        last = human.maiden if human.maiden and self._chance.random() < 0.15 else human.last
        if self._chance.random() < 0.04 and len(last) > 6:
            place = self._chance.randrange(2, len(last) - 2)
            last = last[:place] + last[place + 1 :]
        forms = [f"{first} {last}", f"{last} {first}", f"{first} {last}", first, f"{human.first[0]}. {last}"]
        if human.middle:
            forms += [
                f"{last} {human.first} {human.middle}",
                f"{human.first} {human.middle} {last}",
                f"{last} {human.first[0]}.{human.middle[0]}.",
                f"{human.first} {human.middle}",
            ]
        text = self._chance.choice(forms)
        if human.language == "ru" and self._chance.random() < 0.25:
            return transliterate(text, self._chance.choice(list(SCHEMES.values())))
        return text.replace("ё", "е") if self._chance.random() < 0.5 else text


def feminine(last: str) -> str:
    """A woman's form of a Russian surname."""
    if last.endswith(("ский", "цкий")):
        return f"{last[:-2]}ая"
    return f"{last}а" if last.endswith(("ов", "ев", "ёв", "ин", "ын")) else last


def patronymic_of(father: str, gender: str) -> str:
    """What the children of a man with this given name are called, by the rules of most names."""
    male, female = ("ович", "овна") if father[-1] not in "йья" else ("евич", "евна")
    return f"{father.rstrip('йьяа')}{male if gender == 'm' else female}"


def _latin(text: str, scheme: dict[str, str]) -> str:
    folded = text.replace("ø", "o").replace("å", "a").replace("Ø", "O").replace("Å", "A").replace("Ö", "O")
    return transliterate(folded, scheme).lower().replace("'", "")


def _share(one: Record, other: Record) -> bool:
    mails = {mail.lower() for mail in one.mails} & {mail.lower() for mail in other.mails}
    digits = [
        {"".join(filter(str.isdigit, part))[-10:] for phone in record.phones for part in _cut(phone)}
        for record in (one, other)
    ]
    is_namesake = bool(one.name) and one.name.split()[-1:] == other.name.split()[-1:]
    return bool(mails or digits[0] & digits[1]) or is_namesake


def _cut(phone: str) -> Iterator[str]:
    yield from phone.replace(";", ",").replace("/", ",").split(",")
