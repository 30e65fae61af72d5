"""Mail systems' words in many languages, and people's words that resemble them. All samples are invented."""

from __future__ import annotations

import time

import pytest

from tasks.rules.mail import bounce_text

ANNA = "anna@client.example"
US = {"office@north-service.example"}
NOTICES = {
    "qmail": f"Hi. This is the qmail-send program at mx.\nI'm afraid I wasn't able to deliver\n\n<{ANNA}>:\nno",
    "exim": f"A message that you sent could not be delivered to one or more of its\nrecipients.\n\n  {ANNA}\n    550 x",
    "mail.ru": f"Это письмо создано автоматически.\nВаше письмо не может быть доставлено:\n\n  {ANNA}\n    550 нет",
    "yandex": f"Письмо не было доставлено следующему адресату:\n{ANNA}: почтовый ящик не существует",
    "postfix": f"This is the mail system at host mx.\n\n<{ANNA}>: host mx.client.example said: 550 5.1.1 unknown",
    "sendmail": f"----- The following addresses had permanent fatal errors -----\n<{ANNA}>\n    (reason: 550 no)",
    "exchange": f"Delivery has failed to these recipients or groups:\n\n{ANNA}\nThe email address wasn't found.",
    "exchange ru": f"Не удалось доставить сообщение следующим получателям или группам:\n\n{ANNA}\nАдрес не найден.",
    "exchange de": f"Fehler bei der Nachrichtenzustellung. Die Nachricht konnte nicht zugestellt werden:\n{ANNA}",
    "exchange fr": f"Échec de la remise pour ces destinataires :\n\n{ANNA}\n",
    "outlook no": f"Meldingen kunne ikke leveres til følgende mottakere:\n\n{ANNA}\n",
    "gmail": f"Delivery to the following recipient failed permanently:\n\n     {ANNA}\n\nTechnical details",
    "google": f"** Address not found **\n\nYour message wasn't delivered to {ANNA} because it couldn't be found",
    "google ru": f"Сообщение не доставлено. Письмо на адрес {ANNA} не доставлено, так как адрес не найден.",
    "groups": "The group you tried to contact (anna) may not exist, or you may not have permission\nto post: " + ANNA,
    "domino": f"Your message\n  Subject: x\nwas not delivered to:\n  {ANNA}\nbecause:\n  User not listed in directory",
    "transcript": f"while talking to mx:\n>>> RCPT TO:<{ANNA}>\n<<< 550 5.1.1 User unknown",
    "quota": f"{ANNA}: mailbox full, quota exceeded",
    "japanese": f"以下のメールアドレスへの送信に失敗しました。\n{ANNA}\n",
}


@pytest.mark.parametrize("system", NOTICES)
def test_the_failed_recipient_is_found(system: str) -> None:
    notice = NOTICES[system]
    assert bounce_text.says_failure("", notice)
    assert bounce_text.recipients_in(notice, US) == [ANNA]


@pytest.mark.parametrize(
    ("subject", "notice", "is_late"),
    [
        ("Delayed Mail (still being retried)", "Your message could not be delivered for 2 hours.", True),
        ("Warning: message 1 delayed 24 hours", "Delay reason: 450 try later. Delivery attempts will continue", True),
        ("Delivery Status Notification (Delay)", "THIS IS A WARNING MESSAGE ONLY. 550 x", True),
        ("Задержка доставки", "Письмо ещё не доставлено, попытки доставки будут продолжены", True),
        ("Undelivered", "550 5.1.1 User unknown after temporary failure", False),
        ("Недоставленное сообщение", "Адрес не найден", False),
    ],
)
def test_a_warning_is_no_failure(subject: str, notice: str, is_late: bool) -> None:
    assert bounce_text.says_failure(subject, notice)
    assert bounce_text.is_late_only(subject, notice) == is_late


@pytest.mark.parametrize(
    "mark",
    [
        "--- Below this line is a copy of the message.",
        "------ This is a copy of the message, including all the headers. ------",
        "   ----- Unsent message follows -----",
        "----- Original message -----",
        "------- Копия исходного сообщения -------",
        "Message headers follow.",
        "Original message headers:",
        "Received: from a by b",
        "Return-Path: <office@north-service.example>",
    ],
)
def test_the_returned_message_is_cut_off(mark: str) -> None:
    notice, returned = bounce_text.cut_returned(f"{NOTICES['postfix']}\n\n{mark}\nTo: someone@else.example\n")
    assert "else.example" not in notice
    assert "else.example" in returned


def test_the_returned_messages_recipients_confirm() -> None:
    notice = f"could not be delivered\nour help desk: help1@isp.example\n{ANNA}\nb@isp.example\n"
    assert bounce_text.recipients_in(notice, US, {ANNA}) == [ANNA]


def test_neither_we_nor_a_mail_system_is_the_failed_recipient() -> None:
    notice = "could not be delivered\noffice@north-service.example\npostmaster@isp.example\nMAILER-DAEMON@isp.example"
    assert bounce_text.recipients_in(notice, US) == []


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Delivery failure: груз не доставлен", "Добрый день, насос не доставлен, перезвоните."),
        ("Re: Undelivered Mail Returned to Sender", "Это от вас вернулось? This is the mail system at host mx"),
        ("Fwd: Mail delivery failed", "Смотрите, что пришло: could not be delivered to the following recipients"),
        ("Returned mail", "Я вернул почтой ваш насос, проверьте, пожалуйста."),
        ("Доставка", "Когда будет доставка? Прошлый раз не удалось доставить вовремя."),
    ],
)
def test_people_are_no_mail_systems(subject: str, text: str) -> None:
    assert not bounce_text.is_plain_report(subject, text)
    assert not bounce_text.is_bare_forward_of_report(subject, text)


def test_an_unmarked_mail_system_is_known_by_subject_and_sentence_together() -> None:
    assert bounce_text.is_plain_report("Returned Mail - Error", f"------ Failed Recipients ------\n<{ANNA}>: no")
    assert not bounce_text.is_plain_report("Вопрос", f"------ Failed Recipients ------\n<{ANNA}>: no")


def test_a_report_passed_on_without_a_word_is_a_report() -> None:
    quoted = f"> Final-Recipient: rfc822; {ANNA}\n> Action: failed\n"
    assert bounce_text.is_bare_forward_of_report("Fwd: Returned mail: see transcript", f"FYI\n\n{quoted}")
    assert not bounce_text.is_bare_forward_of_report(
        "Fwd: Returned mail: see transcript", f"Почему вы не получаете мои письма?\n\n{quoted}"
    )


@pytest.mark.parametrize("unit", ["a", "delivery ", "to ", "<", "-", "a@", "не ", "5.1.1 ", "no se ", "\n", "550-x "])
def test_no_text_takes_long(unit: str) -> None:
    text = unit * (200_000 // len(unit))
    started = time.process_time()
    notice, _ = bounce_text.cut_returned(text)
    bounce_text.says_failure(text, notice)
    bounce_text.is_late_only(text, notice)
    bounce_text.recipients_in(notice, US)
    bounce_text.is_bare_forward_of_report("Fwd: " + text, text)
    assert time.process_time() - started < 1.5
