"""Replies as English mail programs write them; everything in them is invented."""

# A sample mail stays in one piece:
# ruff: noqa: E501

from __future__ import annotations

import pytest

from tasks.rules.mail.reply_text import split_reply

GMAIL = "On Tue, Nov 17, 2026 at 10:12 AM North Service <office@north-service.example> wrote:"
APPLE = "On 17 Nov 2026, at 10:12, North Service <office@north-service.example> wrote:"
QUOTE = "> Hello,\n>\n> the engineer comes tomorrow. Does 2 pm suit you?\n>\n> Best regards\n> Olga"
UNMARKED = "Hello,\n\nthe engineer comes tomorrow. Does 2 pm suit you?\n\nBest regards\nOlga"
OUTLOOK = (
    "From: North Service <office@north-service.example>\nSent: Tuesday, November 17, 2026 10:12 AM\n"
    "To: John Smith <john@example.com>\nCc: Anna <anna@example.com>\nSubject: Request 17"
)

TOP_POSTED = [
    ("Gmail", f"Yes, it does.\n\n{GMAIL}\n\n{QUOTE}", "Yes, it does."),
    ("Gmail, wrapped", f"Yes.\n\nOn Tue, Nov 17, 2026 at 10:12 AM North Service <\noffice@north-service.example> wrote:\n\n{QUOTE}", "Yes."),
    ("Gmail, verb alone", f"Yes.\n\nOn Tue, Nov 17, 2026 at 10:12 AM North Service <office@north-service.example>\nwrote:\n\n{QUOTE}", "Yes."),
    ("Gmail, four lines", f"Yes.\n\nOn Tue, Nov 17, 2026\nat 10:12 AM North Service\n<office@north-service.example>\nwrote:\n{QUOTE}", "Yes."),
    ("Gmail of 2010", f"Yes.\n\n2026/11/17 North Service <office@north-service.example>\n\n{QUOTE}", "Yes."),
    ("Gmail, unmarked", f"Yes.\n\n{GMAIL}\n\n{UNMARKED}", "Yes."),
    ("Apple Mail", f"Thanks!\n\n> {APPLE}\n> \n> Hello", "Thanks!"),
    ("Apple Mail, plain", f"Thanks!\n\n{APPLE}\n\n{QUOTE}", "Thanks!"),
    ("Apple Mail, comma year", f"Thanks!\n\nOn Nov 17, 2026, at 10:12 AM, North Service wrote:\n\n{QUOTE}", "Thanks!"),
    ("iPhone", f"Thanks!\n\nSent from my iPhone\n\n> {APPLE}\n> \n> Hello", "Thanks!"),
    ("Thunderbird", f"Good.\n\nOn 17/11/2026 10:12, North Service wrote:\n{QUOTE}", "Good."),
    ("Thunderbird, ISO", f"Good.\n\nOn 2026-11-17 10:12, North Service wrote:\n{QUOTE}", "Good."),
    ("Thunderbird of 2008", f"Good.\n\nNorth Service wrote:\n{QUOTE}", "Good."),
    ("Mutt", f"Good.\n\nOn Tue, Nov 17, 2026 at 10:12:34AM +0300, North Service wrote:\n{QUOTE}", "Good."),
    ("K-9", f"Good.\n\nOn November 17, 2026 10:12:34 AM GMT+03:00, North Service <office@north-service.example> wrote:\n{QUOTE}", "Good."),
    ("Yahoo", f"Good.\n\n    On Tuesday, November 17, 2026, 10:12:34 AM GMT+3, North Service <office@north-service.example> wrote: \n\n {UNMARKED}", "Good."),
    ("Yandex", f"Good.\n\n17.11.2026, 10:12, \"North Service\" <office@north-service.example>:\n{QUOTE}", "Good."),
    ("mail.ru", f"Good.\n\nTuesday, November 17, 2026 10:12 AM +03:00 from North Service <office@north-service.example>:\n{QUOTE}", "Good."),
    ("Outlook", f"Confirmed.\n\nBest regards,\nJohn\n\n{OUTLOOK}\n\n{UNMARKED}", "Confirmed.\n\nBest regards,\nJohn"),
    ("Outlook, row", f"Confirmed.\n\n________________________________\n{OUTLOOK}\n\n{UNMARKED}", "Confirmed."),
    ("Outlook 2003", f"Confirmed.\n\n-----Original Message-----\n{OUTLOOK}\n\n{UNMARKED}", "Confirmed."),
    ("Outlook, bold", f"Confirmed.\n\n*From:* Office\n*Sent:* Tuesday\n*To:* John\n*Subject:* x\n\n{UNMARKED}", "Confirmed."),
    ("Outlook, blank lines between", f"Confirmed.\n\nFrom: Office\n\nSent: Tuesday\n\nTo: John\n\nSubject: x\n\n{UNMARKED}", "Confirmed."),
    ("Outlook for Mac", "Confirmed.\n\n\ufeffOn 17/11/2026, 10:12, \"North Service\" <office@north-service.example> wrote:\n\n    Hello", "Confirmed."),
    ("new Outlook for Mac", "Confirmed.\n\nFrom: Office <office@example.com>\nDate: Tuesday, 17 November 2026 at 10:12\nTo: John <john@example.com>\nSubject: x\nHello", "Confirmed."),
    ("Outlook on Android", f"Ok\n\nGet Outlook for Android<https://example.com/a>\n________________________________\n{OUTLOOK}", "Ok"),
    ("Samsung", "Ok\n\nSent from my Galaxy\n\n-------- Original message --------\nFrom: Office\nDate: 17/11/2026\nTo: John", "Ok"),
    ("Lotus Notes", "Ok\n\n-----North Service wrote: -----\nTo: John\nFrom: Office\nDate: 17/11/2026\nSubject: x\nHello", "Ok"),
    ("dashes in the quote only", "Ok\n\n> -----\n> text", "Ok"),
    ("reply line", f"Ok\n\n##- Please type your reply above this line -##\n\n{UNMARKED}", "Ok"),
    ("hard spaces", f"Yes.\n\nOn\u00a0Tue, Nov\u00a017, 2026 at\u202f10:12\u202fAM North Service <office@north-service.example> wrote:\n{QUOTE}", "Yes."),
    ("Windows line ends", "Yes.\r\n\r\nOn 17/11/2026 10:12, North Service wrote:\r\n> Hello\r\n", "Yes."),
    ("broken quote", "Yes.\n\nOn 17/11/2026 10:12, North Service wrote:\n> A long line of the office that the program of the sender has broken in\ntwo parts\n> and more", "Yes."),
    ("wrote in prose", f"The engineer wrote down the number.\n\n{GMAIL}\n{QUOTE}", "The engineer wrote down the number."),
    ("a question above", f"He wrote: done.\nIs it?\n\n{GMAIL}\n{QUOTE}", "He wrote: done.\nIs it?"),
]  # fmt: skip

BELOW_OR_BETWEEN = [
    ("Mutt", f"On Tue, Nov 17, 2026 at 10:12:34AM +0300, North Service wrote:\n{QUOTE}\n\nYes.\n\n-- \nJohn", "Yes."),
    ("Thunderbird", f"On 17/11/2026 10:12, North Service wrote:\n{QUOTE}\nYes.", "Yes."),
    ("greeting above", f"Hi Olga,\n\n{GMAIL}\n{QUOTE}\n\nYes, it does.", "Hi Olga,\n\nYes, it does."),
    ("iPhone, footer above", f"Sent from my iPhone\n\n{APPLE}\n\n{QUOTE}\n\nYes.", "Yes."),
    ("footer below the quote", f"Yes.\n\n{GMAIL}\n{QUOTE}\n\nSent from my iPhone", "Yes."),
    ("signature below the quote", f"Yes.\n\n{GMAIL}\n{QUOTE}\n-- \nJohn\n+44 20 7946 0000", "Yes."),
    ("between", "> When?\nTomorrow.\n\n> Where?\nAt the works.", "> When?\nTomorrow.\n\n> Where?\nAt the works."),
    ("between, signature", "> When?\nTomorrow.\n\n> Where?\nAt the works.\n\n-- \nJohn", "> When?\nTomorrow.\n\n> Where?\nAt the works."),
    ("one answer, no attribution", "> When?\n\nTomorrow.", "> When?\n\nTomorrow."),
    ("only a quote", f"{GMAIL}\n{QUOTE}", ""),
    ("only a quoted attribution", f"> {APPLE}\n> \n> Hello", ""),
    ("only a footer", f"Sent from my iPhone\n\n> {APPLE}\n> \n> Hello", ""),
    ("only quoted lines", "> Hello\n> again", "> Hello\n> again"),
    ("bare forward", "---------- Forwarded message ---------\nFrom: A <a@example.com>\nDate: x\nSubject: y\nTo: z\n\nText", "Text"),
    ("bare forward, Apple", "Begin forwarded message:\n\n> From: A <a@example.com>\n> Subject: y\n> Date: x\n> To: z\n> \n> Text", "Text"),
    ("bare forward, quoted", "> Begin forwarded message:\n>\n> From: A <a@example.com>\n> Subject: y\n> Date: x\n>\n> Text\n> More", "Text\nMore"),
    ("forward with a note", "Please see below.\n\n---------- Forwarded message ---------\nFrom: A\nDate: x\nSubject: y\n\nText", "Please see below."),
    ("nothing", "", ""),
    ("blank", " \n\n ", ""),
]  # fmt: skip

KEPT = [
    "As I wrote:\nthe pump is broken.",
    "On Tuesday we come at 10:12, please prepare:\nwater\npower",
    "From: the works\nwe walk.",
    "Steps:\n-----\n1. open\n2. close",
    "-- forwarded it to Petr\n-- called Anna",
    "Please forward the message to:\nAnna and Petr.",
    "The original message was lost.",
    "a --- b\nc",
    "Sent from the works yesterday, please check.\nJohn",
    "Sent by mail on Monday",
    "Sent by courier, 12 boxes",
    "I called from my office.\nJohn",
    "Best regards,\nJohn\n+44 20 7946 0000",
    "Date: 17.11.2026\nSubject: pump",
    "x > 5\ny < 6",
    "Dear all,\n\nPlease write to office@example.com:\nname, address",
    "You wrote that the engineer comes: nobody came.",
]

FOOTERS = [
    "Sent from my iPhone",
    "Sent from my iPhone 15 Pro",
    "Sent from my mobile phone, please excuse typos",
    "Sent from my Samsung Galaxy smartphone.",
    "Sent from Yahoo Mail on Android",
    "Sent from Mail for Windows 10",
    "Sent from [Mail](https://example.com) for Windows",
    "Sent from Outlook for iOS",
    "Get Outlook for iOS",
    "Sent with Proton Mail secure email.",
    "Sent via BlackBerry from T-Mobile",
    "(Sent from mobile device)",
    "<sent from my phone>",
    "*Sent from my Pixel*",
    "Virus-free. www.example.com",
    "-- \nJohn Smith",
    "--\nJohn Smith\nNorth Works Ltd",
]


@pytest.mark.parametrize(("text", "reply"), [case[1:] for case in TOP_POSTED], ids=[case[0] for case in TOP_POSTED])
def test_top_posted(text: str, reply: str) -> None:
    assert split_reply(text).reply == reply


@pytest.mark.parametrize(
    ("text", "reply"), [case[1:] for case in BELOW_OR_BETWEEN], ids=[case[0] for case in BELOW_OR_BETWEEN]
)
def test_below_or_between(text: str, reply: str) -> None:
    assert split_reply(text).reply == reply


@pytest.mark.parametrize("text", KEPT)
def test_prose_is_kept(text: str) -> None:
    assert split_reply(text).reply == text


@pytest.mark.parametrize("footer", FOOTERS)
def test_footers(footer: str) -> None:
    parts = split_reply(f"Yes, at 2 pm.\n\n{footer}\n\n{GMAIL}\n{QUOTE}")
    assert (parts.reply, parts.signature) == ("Yes, at 2 pm.", footer)
