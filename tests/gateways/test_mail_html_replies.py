"""Replies that come as HTML only, as the programs of our clients build them; everything in them is invented."""

# A sample mail stays in one piece:
# ruff: noqa: E501

from __future__ import annotations

import pytest

from tasks.gateways.mail_bodies import html_text
from tasks.rules.mail.forwards import find_forward
from tasks.rules.mail.reply_text import split_reply

GMAIL_HEAD = '<div dir="ltr" class="gmail_attr">вт, 17 нояб. 2026 г. в 10:12, Офис &lt;<a href="mailto:o@example.com">o@example.com</a>&gt;:<br></div>'
GMAIL_QUOTE = '<blockquote class="gmail_quote" style="margin:0 0 0 .8ex">'
APPLE_HEAD = "17 нояб. 2026 г., в 10:12, Офис &lt;o@example.com&gt; написал(а):"
OUTLOOK_LABELS = (
    '<p class="MsoNormal"><b><span>От:</span></b><span> Офис &lt;o@example.com&gt; <br><b>Отправлено:</b> 17 ноября 2026 г. 10:12<br>'
    "<b>Кому:</b> Пётр<br><b>Тема:</b> Насос<o:p></o:p></span></p>"
)

REPLIES = [
    ("Gmail", f'<div dir="ltr">Да.<div><br></div><div>Ждём</div></div><br><div class="gmail_quote">{GMAIL_HEAD}{GMAIL_QUOTE}Когда?<br>Где?</blockquote></div>', "Да.\n\nЖдём"),
    ("Gmail, no attribution element", f'Да<br><br><div class="gmail_quote">On Tue, Nov 17, 2026 at 10:12 AM Office <span dir="ltr">&lt;o@example.com&gt;</span> wrote:<br>{GMAIL_QUOTE}Когда?</blockquote></div><br>', "Да"),
    ("Gmail, unknown language", f'Да<div class="gmail_quote"><div class="gmail_attr">Mardi o@example.com nanoratra<br></div>{GMAIL_QUOTE}Когда?</blockquote></div>', "Да"),
    ("Gmail, answer below", f'<div class="gmail_quote">{GMAIL_HEAD}{GMAIL_QUOTE}Когда?</blockquote></div><div>Завтра</div>', "Завтра"),
    ("Gmail, answers between", f'<div class="gmail_quote">{GMAIL_HEAD}{GMAIL_QUOTE}Когда?</blockquote><div>Завтра</div>{GMAIL_QUOTE}Где?</blockquote><div>На складе</div></div>', "Завтра|На складе"),
    ("Gmail, signature", f'<div dir="ltr">Да<br clear="all"><div><br></div><span class="gmail_signature_prefix">-- </span><br><div class="gmail_signature">Пётр</div></div><div class="gmail_quote">{GMAIL_HEAD}{GMAIL_QUOTE}Когда?</blockquote></div>', "Да"),
    ("Gmail, signature without dashes", '<div dir="ltr">Да<div><br></div><div dir="ltr" class="gmail_signature" data-smartmail="gmail_signature">Пётр<br>+7 900</div></div>', "Да"),
    ("Gmail on a telephone", f'<p dir="ltr">Ок</p>\n<div class="gmail_quote">17 нояб. 2026 г. 10:12 пользователь "Офис" &lt;<a href="mailto:o@example.com">o@example.com</a>&gt; написал:<br type="attribution">{GMAIL_QUOTE}<p dir="ltr">Когда?</p></blockquote></div>', "Ок"),
    ("Apple Mail", f'<html><body>Да<div><br></div><div><div>{APPLE_HEAD}</div><br class="Apple-interchange-newline"><blockquote type="cite"><div>Когда?</div></blockquote></div></body></html>', "Да"),
    ("iPhone", f'<html><body dir="auto">Да<br><br><div dir="ltr">Отправлено с iPhone</div><div dir="ltr"><br><blockquote type="cite">{APPLE_HEAD}<br><br></blockquote></div><blockquote type="cite"><div dir="ltr">Когда?</div></blockquote></body></html>', "Да"),
    ("Outlook", f'<div class="WordSection1"><p class="MsoNormal">Подтверждаю.<o:p></o:p></p><p class="MsoNormal"><o:p>&nbsp;</o:p></p><div><div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm">{OUTLOOK_LABELS}</div></div><p class="MsoNormal">Когда?</p></div>', "Подтверждаю."),
    ("Outlook, unknown language", '<div class="WordSection1"><p>Yes.</p><div><div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm"><p><b>Xaa:</b> Office o@example.com<br><b>Ybb:</b> 17<br><b>Zcc:</b> P<br><b>Qdd:</b> x</p></div></div><p>When?</p></div>', "Yes."),
    ("Outlook on the web", f'<div>Да.</div><div id="appendonsend"></div><hr style="display:inline-block;width:98%" tabindex="-1"><div id="divRplyFwdMsg" dir="ltr">{OUTLOOK_LABELS}<div>&nbsp;</div></div><div>Когда?</div>', "Да."),
    ("Outlook on a telephone", f'<div>Да.</div><div id="ms-outlook-mobile-signature">Get <a href="https://example.com">Outlook for iOS</a></div><hr tabindex="-1"><div id="divRplyFwdMsg">{OUTLOOK_LABELS}</div><div>Когда?</div>', "Да."),
    ("Hotmail", 'Да.<br><br><div><hr id="stopSpelling">Date: Tue, 17 Nov 2026 10:12<br>From: o@example.com<br>To: p@example.com<br>Subject: x<br><br>When?</div>', "Да."),
    ("Yandex", '<div>Да.</div><div> </div><div>17.11.2026, 10:12, "Офис" &lt;o@example.com&gt;:</div><blockquote><p>Когда?</p></blockquote>', "Да."),
    ("Yandex, signature", '<div>Да.</div><div>-- <br />С уважением,<br />Пётр</div><div> </div><div>17.11.2026, 10:12, "Офис" &lt;o@example.com&gt;:</div><blockquote>Когда?</blockquote>', "Да."),
    ("mail.ru", '<HTML><BODY><div>Да.</div><div>&nbsp;</div><div data-signature-widget="container"><div data-signature-widget="content"><div>--<br>Пётр</div></div></div><div>&nbsp;</div><blockquote style="border-left:1px solid #0857A6;margin:10px;padding:0 0 0 10px;">Вторник, 17 ноября 2026, 10:12 +03:00 от Офис &lt;o@example.com&gt;:<br>&nbsp;<div>Когда?</div></blockquote></BODY></HTML>', "Да."),
    ("Thunderbird", '<p>Да.</p><div class="moz-cite-prefix">17.11.2026 10:12, Офис пишет:<br></div><blockquote type="cite" cite="mid:x@example.com"><pre class="moz-quote-pre">Когда?\nГде?</pre></blockquote>', "Да."),
    ("Thunderbird, signature", '<p>Да.</p><pre class="moz-signature" cols="72">-- \nПётр</pre>', "Да."),
    ("Yahoo", '<div>Yes.</div><div id="x" class="yahoo_quoted"><div>On Tuesday, November 17, 2026, Office wrote:</div><div>When?</div></div>', "Yes."),
    ("Proton", '<div>Yes.</div><div class="protonmail_signature_block"><div class="protonmail_signature_block-proton">Sent with Proton Mail secure email.</div></div><div class="protonmail_quote">On Tuesday, 17 November 2026 at 10:12, Office wrote:<br><blockquote class="protonmail_quote" type="cite">When?</blockquote></div>', "Yes."),
    ("no quote", "<p>Да.</p><p>С уважением,<br>Пётр</p>", "Да.\n\nС уважением,\nПётр"),
]  # fmt: skip


@pytest.mark.parametrize(("html", "reply"), [case[1:] for case in REPLIES], ids=[case[0] for case in REPLIES])
def test_replies(html: str, reply: str) -> None:
    got = split_reply(html_text(html.encode(), "utf-8")).reply
    written = "|".join(line for line in got.split("\n") if line and not line.startswith(">"))
    assert written == "|".join(line for line in reply.split("\n") if line)


def test_what_was_written_between_quotes_stands_between_them() -> None:
    text = html_text(next(case[1] for case in REPLIES if case[0] == "Gmail, answers between").encode(), "utf-8")
    assert [line for line in split_reply(text).reply.split("\n") if line][1:] == [
        "> Когда?",
        "Завтра",
        "> Где?",
        "На складе",
    ]


def test_a_forward_by_gmail() -> None:
    html = '<div dir="ltr">См.<br><br><div class="gmail_quote"><div class="gmail_attr">---------- Forwarded message ---------<br>От: <strong>Пётр</strong> <span>&lt;p@example.com&gt;</span><br>Date: вт, 17 нояб. 2026 г. в 10:12<br>Subject: Насос<br>To:  &lt;o@example.com&gt;<br></div><br><br><div>Течёт.</div></div></div>'
    text = html_text(html.encode(), "utf-8")
    found = find_forward(text, "Fwd: Насос")
    assert found is not None
    assert (found.from_address, found.subject, found.body, found.note) == ("p@example.com", "Насос", "Течёт.", "См.")
    assert split_reply(text).reply == "См."


def test_many_and_deep_quotes_cost_little() -> None:
    many = "a<blockquote>b</blockquote>" * 400
    assert html_text(many.encode(), "utf-8").count("> b") == 400
    deep = "<blockquote>b" * 500
    assert "b" in html_text(deep.encode(), "utf-8")
