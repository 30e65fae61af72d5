"""The evidence that two records are one person: its weight, and its words in Russian and English."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

_WEIGHTS = {
    "same_mail": 6.0,
    "same_mobile": 5.0,
    "same_number": 3.0,
    "shared_mail": 2.0,
    "shared_mobile": 2.0,
    "family_mail": 1.5,
    "family_mobile": 1.5,
    "same_extension": 2.0,
    "same_role_mail": 1.0,
    "same_landline": 1.0,
    "same_company": 1.0,
    "same_domain": 1.0,
    "similar_mail": 2.0,
    "same_local_part": 1.5,
    "similar_phone": 2.0,
    "mail_spells_name": 1.5,
    "whole_name": 5.0,
    "full_name": 4.0,
    "full_name_short": 3.5,
    "full_name_typo": 3.0,
    "initials_and_last": 2.5,
    "initial_and_last": 2.0,
    "first_and_middle": 3.0,
    "first_name": 1.5,
    "initials": 1.0,
    "first_initial": 0.5,
    "last_name": 1.5,
    "name_missing": 0.0,
    "says_no_more": 0.0,
    "last_name_differs": -3.0,
    "middle_name_differs": -3.0,
    "first_conflict": -99.0,
    "patronymic_conflict": -99.0,
    "gender_conflict": -99.0,
    "not_the_same": -99.0,
    "fits_others": -4.0,
    "other_in_address": -3.0,
    "other_mail": -1.0,
    "other_phone": -1.0,
}
_WORDS = {
    "en": {
        "same_mail": "same mail address",
        "same_mobile": "same mobile",
        "same_number": "same number",
        "shared_mail": "same mail address, which others use too",
        "shared_mobile": "same mobile, which others use too",
        "family_mail": "same mail address, which a namesake uses too",
        "family_mobile": "same mobile, which a namesake uses too",
        "same_extension": "same number and extension",
        "same_role_mail": "same mailbox of the company",
        "same_landline": "same landline",
        "same_company": "same company",
        "same_domain": "mail of the same company",
        "similar_mail": "mail addresses differ by a slip of the pen",
        "same_local_part": "same mailbox name at another provider",
        "similar_phone": "numbers differ by a slip of the finger",
        "mail_spells_name": "the mail address spells the name",
        "whole_name": "same first name, patronymic and last name",
        "full_name": "same first and last name",
        "full_name_short": "same last name and a form of the same first name",
        "full_name_typo": "first and last name differ by a slip of the pen",
        "initials_and_last": "same last name and initials",
        "initial_and_last": "same last name and initial",
        "first_and_middle": "same first name and patronymic",
        "first_name": "same first name",
        "initials": "same initials",
        "first_initial": "same initial",
        "last_name": "same last name",
        "name_missing": "one has no name",
        "says_no_more": "one says nothing else",
        "last_name_differs": "but the last names differ",
        "middle_name_differs": "but the middle names differ",
        "first_conflict": "first names are different",
        "patronymic_conflict": "patronymics are different",
        "gender_conflict": "a man and a woman",
        "not_the_same": "a person said they are not the same",
        "other_mail": "but the mail addresses differ",
        "other_phone": "but the numbers differ",
        "other_in_address": "but the address spells another name",
        "fits_others": "but it fits several people who are not one",
    },
    "ru": {
        "same_mail": "тот же адрес почты",
        "same_mobile": "тот же мобильный",
        "same_number": "тот же номер",
        "shared_mail": "тот же адрес почты, которым пользуются и другие",
        "shared_mobile": "тот же мобильный, которым пользуются и другие",
        "family_mail": "тот же адрес почты, которым пользуется и тёзка",
        "family_mobile": "тот же мобильный, которым пользуется и тёзка",
        "same_extension": "тот же номер и добавочный",
        "same_role_mail": "тот же общий ящик компании",
        "same_landline": "тот же городской номер",
        "same_company": "та же компания",
        "same_domain": "почта той же компании",
        "similar_mail": "адреса отличаются опиской",
        "same_local_part": "то же имя ящика у другого провайдера",
        "similar_phone": "номера отличаются опиской",
        "mail_spells_name": "адрес составлен из имени",
        "whole_name": "те же имя, отчество и фамилия",
        "full_name": "те же имя и фамилия",
        "full_name_short": "та же фамилия и форма того же имени",
        "full_name_typo": "имя и фамилия отличаются опиской",
        "initials_and_last": "те же фамилия и инициалы",
        "initial_and_last": "та же фамилия и инициал",
        "first_and_middle": "те же имя и отчество",
        "first_name": "то же имя",
        "initials": "те же инициалы",
        "first_initial": "тот же инициал",
        "last_name": "та же фамилия",
        "name_missing": "у одного нет имени",
        "says_no_more": "один не сказал больше ничего",
        "last_name_differs": "но фамилии разные",
        "middle_name_differs": "но вторые имена разные",
        "first_conflict": "имена разные",
        "patronymic_conflict": "отчества разные",
        "gender_conflict": "мужчина и женщина",
        "not_the_same": "человек сказал, что это разные люди",
        "other_mail": "но адреса почты разные",
        "other_phone": "но номера разные",
        "other_in_address": "но в адресе другое имя",
        "fits_others": "но подходит нескольким разным людям",
    },
}
_BUT = ("but ", "но ")
_AND = {"en": " and ", "ru": " и "}


@dataclass(frozen=True, slots=True)
class Evidence:
    """One thing that speaks for (or, with a negative weight, against) one person."""

    kind: str

    @property
    def weight(self) -> float:
        """How much it says; -99 outweighs everything."""
        return _WEIGHTS[self.kind]


def evidence_words(found: Sequence[Evidence | str], language: str) -> str:
    """The evidence in words: "same mobile and same first name"; `language` is ru or en."""
    kinds = [one if isinstance(one, str) else one.kind for one in found]
    words = [_WORDS[language][kind] for kind in kinds if kind != "name_missing" or len(kinds) == 1]
    if len(words) < 2:
        return "".join(words)
    link = ", " if words[-1].startswith(_BUT) else _AND[language]
    return link.join((", ".join(words[:-1]), words[-1]))
