"""Replies as the mail programs of Norwegian clients write them; everything in them is invented."""

# A sample mail stays in one piece:
# ruff: noqa: E501

from __future__ import annotations

import pytest

from tasks.rules.mail.reply_text import split_reply

QUOTE = "> Hei,\n>\n> montøren kommer i morgen. Passer klokken 14?\n>\n> Vennlig hilsen\n> Olga"
UNMARKED = "Hei,\n\nmontøren kommer i morgen. Passer klokken 14?\n\nVennlig hilsen\nOlga"
GMAIL = "tir. 17. nov. 2026 kl. 10:12 skrev North Service <office@north-service.example>:"
OUTLOOK = (
    "Fra: North Service <office@north-service.example>\nSendt: tirsdag 17. november 2026 10:12\n"
    "Til: Kari Nordmann <kari@example.com>\nEmne: Forespørsel 17"
)

REPLIES = [
    ("Gmail", f"Ja, det passer.\n\n{GMAIL}\n\n{QUOTE}", "Ja, det passer."),
    ("Gmail, wrapped", f"Ja.\n\ntir. 17. nov. 2026 kl. 10:12 skrev North Service <\noffice@north-service.example>:\n\n{QUOTE}", "Ja."),
    ("Gmail, older", f"Ja.\n\nDen 17. november 2026 kl. 10.12 skrev North Service <office@north-service.example>:\n{QUOTE}", "Ja."),
    ("Gmail, unmarked", f"Ja.\n\n{GMAIL}\n\n{UNMARKED}", "Ja."),
    ("Apple Mail", "Takk!\n\n> 17. nov. 2026 kl. 10:12 skrev North Service <office@north-service.example>:\n> \n> Hei", "Takk!"),
    ("Apple Mail, older", f"Takk!\n\nDen 17. nov. 2026 kl. 10:12 skrev North Service <office@north-service.example>:\n\n{QUOTE}", "Takk!"),
    ("iPhone", "Takk!\n\nSendt fra min iPhone\n\n> 17. nov. 2026 kl. 10:12 skrev Olga <olga@north-service.example>:\n> Hei", "Takk!"),
    ("Thunderbird", f"Fint.\n\nDen 17.11.2026 10:12, skrev North Service:\n{QUOTE}", "Fint."),
    ("Thunderbird, short", f"Fint.\n\nNorth Service skrev den 17.11.2026 10:12:\n{QUOTE}", "Fint."),
    ("Outlook", f"Bekreftet.\n\nMvh\nKari\n\n{OUTLOOK}\n\n{UNMARKED}", "Bekreftet.\n\nMvh\nKari"),
    ("Outlook, row", f"Bekreftet.\n________________________________\n{OUTLOOK}\n\n{UNMARKED}", "Bekreftet."),
    ("Outlook, bold", "Ja.\n\n*Fra:* Kontoret\n*Sendt:* tirsdag\n*Til:* Kari\n*Emne:* x\n\nHei", "Ja."),
    ("Outlook 2003", f"Ja.\n\n-----Opprinnelig melding-----\n{OUTLOOK}\n\nHei", "Ja."),
    ("new Outlook", "Ja.\n\nFra: Kontoret <k@example.com>\nDato: tirsdag, 17. november 2026 kl. 10:12\nTil: Kari\nKopi: Per\nEmne: x\nHei", "Ja."),
    ("Samsung", "Ja.\n\nSendt fra min Galaxy\n\n-------- Opprinnelig melding --------\nFra: Kontoret\nDato: 17.11.2026\nTil: Kari", "Ja."),
    ("Yahoo", f"Ja.\n\n    tirsdag 17. november 2026 kl. 10:12:34 CET skrev North Service <office@north-service.example>:\n\n{UNMARKED}", "Ja."),
    ("nested", f"Tre.\n\n{GMAIL}\n> To.\n>\n> Den 16.11.2026 09:00, skrev Kari:\n>> En.", "Tre."),
    ("below", f"{GMAIL}\n{QUOTE}\n\nJa, det passer.", "Ja, det passer."),
    ("below, greeting above", f"Hei Olga,\n\n{GMAIL}\n{QUOTE}\n\nJa, det passer.", "Hei Olga,\n\nJa, det passer."),
    ("below, closing", f"Ja.\n\n{GMAIL}\n{QUOTE}\n\nMvh\nKari\n+47 22 00 00 00", "Ja."),
    ("between", "> Når?\nI morgen.\n> Hvor?\nPå lageret.", "> Når?\nI morgen.\n> Hvor?\nPå lageret."),
    ("only a quote", f"{GMAIL}\n{QUOTE}", ""),
    ("dashes", f"Ja.\n\n-- \nKari Nordmann\n+47 22 00 00 00\n\n{GMAIL}\n{QUOTE}", "Ja."),
    ("footer", "Ja.\n\nSendt fra Outlook for iOS", "Ja."),
    ("footer, Get", "Ja.\n\nHent Outlook for Android", "Ja."),
    ("footer, mobile", "Ja.\n\nSendt fra mobilen min", "Ja."),
    ("bare forward", "---------- Videresendt melding ---------\nFra: A <a@example.com>\nDato: x\nEmne: y\nTil: z\n\nTekst", "Tekst"),
    ("forward with a note", "Se under.\n\n-------- Videresendt melding --------\nEmne: y\nDato: x\nFra: A\nTil: z\n\nTekst", "Se under."),
    ("closing stays", "Ja.\n\nMed vennlig hilsen\nKari", "Ja.\n\nMed vennlig hilsen\nKari"),
    ("prose", "Montøren skrev:\nbytt pumpen.\nHva gjør vi?", "Montøren skrev:\nbytt pumpen.\nHva gjør vi?"),
    ("prose with a date", "Den 17.11.2026 kommer vi. Ha klart:\nvann\nstrøm", "Den 17.11.2026 kommer vi. Ha klart:\nvann\nstrøm"),
    ("labels in prose", "Til: lageret\nEmne: pumpe", "Til: lageret\nEmne: pumpe"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "reply"), [case[1:] for case in REPLIES], ids=[case[0] for case in REPLIES])
def test_replies(text: str, reply: str) -> None:
    assert split_reply(text).reply == reply
