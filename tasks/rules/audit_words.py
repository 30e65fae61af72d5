"""What the audit says to people about a difference."""

from __future__ import annotations

from tasks.rules.balance import Difference

_WORDS: dict[str, dict[str, str]] = {
    "en": {
        "not_stored": "is on the server and was not stored",
        "never_there": "is stored and was never on the server",
        "not_settled": "was stored and is not interpreted",
        "not_checked": "was not checked",
        "uneven": "lines seen, stored and refused do not add up",
        "sender_gone": "is held by a sender that is gone",
        "perhaps_sent": "is perhaps sent: a person must decide",
        "not_sent": "was due a day ago and is not sent",
        "not_taken": "was not taken by the process engine",
        "not_fetched": "was to be fetched a day ago and nobody asked for it",
        "no_run": "has not ended well within a day",
        "broken": "breaks what is expected",
    },
    "ru": {
        "not_stored": "есть на сервере, но не принято",
        "never_there": "принято, но на сервере такого не было",
        "not_settled": "принято, но не разобрано",
        "not_checked": "не проверено",
        "uneven": "увиденные, принятые и отклонённые строки не сходятся",
        "sender_gone": "застряло у остановленного отправителя",
        "perhaps_sent": "возможно, отправлено: решает человек",
        "not_sent": "срок отправки прошёл сутки назад",
        "not_taken": "событие не взято процессом",
        "not_fetched": "должна быть получена сутки назад, но её никто не запрашивал",
        "no_run": "больше суток не завершалось успешно",
        "broken": "нарушает ожидания",
    },
}


def said(difference: Difference, language: str) -> str:
    """What is wrong, in `language` (ru, en), with its detail."""
    words = _WORDS[language][difference.wrong]
    return f"{words}: {difference.detail}" if difference.detail else words
