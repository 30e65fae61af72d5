"""States of recordings and the reasons behind them, in words for people."""

from __future__ import annotations

_STATES: dict[str, dict[str, str]] = {
    "waiting": {"en": "asked for again", "ru": "ожидается"},
    "kept": {"en": "kept", "ru": "сохранена"},
    "linked": {"en": "linked", "ru": "есть ссылка"},
    "forbidden": {"en": "not to be recorded", "ru": "запись запрещена"},
    "given_up": {"en": "given up", "ru": "не получена"},
    "removed": {"en": "removed", "ru": "удалена"},
}
_REASONS: dict[str, dict[str, str]] = {
    "not_there": {"en": "it is not there yet", "ru": "её ещё нет"},
    "growing": {"en": "it is still being written", "ru": "она ещё пишется"},
    "unreachable": {"en": "its source cannot be reached", "ru": "источник недоступен"},
    "slow": {"en": "it took longer than allowed", "ru": "передача дольше разрешённого"},
    "busy": {"en": "its source asks to wait", "ru": "источник просит подождать"},
    "server_failed": {"en": "its source failed", "ru": "сбой у источника"},
    "refused": {"en": "its source refuses our name or token", "ru": "источник не принимает логин или токен"},
    "too_large": {"en": "it is larger than allowed", "ru": "она больше разрешённого"},
    "no_audio": {"en": "it is no WAV, MP3, Ogg or GSM", "ru": "это не WAV, MP3, Ogg или GSM"},
    "other_host": {"en": "it lies at a host that hosts does not name", "ru": "её адрес не из списка hosts"},
    "not_secure": {"en": "its address is not https", "ru": "её адрес не https"},
    "outside_folder": {"en": "it lies outside the folder", "ru": "она вне папки записей"},
    "gone": {"en": "its source has it no more", "ru": "у источника её больше нет"},
    "bad_answer": {"en": "its source answers what it should not", "ru": "источник ответил не то"},
    "no_address": {"en": "its source tells a name and no address", "ru": "источник дал имя без адреса"},
    "line_not_recorded": {"en": "calls of this line may not be recorded", "ru": "на этой линии запись запрещена"},
    "line_unknown": {
        "en": "the line is not known, and one of yours may not be recorded",
        "ru": "линия неизвестна, а на одной из линий запись запрещена",
    },
    "too_old": {"en": "the call is older than recordings are kept", "ru": "звонок старше срока хранения"},
    "keep_days_over": {"en": "its time of keeping is over", "ru": "срок хранения истёк"},
    "not_looked_for": {"en": "recordings of this source are not looked for", "ru": "записи источника не собираются"},
}


def state_words(state: str, language: str) -> str:
    """A state of a recording."""
    return _STATES[state][language if language in ("ru", "en") else "en"]


def reason_words(reason: str, language: str) -> str:
    """Why it is so; '' for no reason."""
    return _REASONS[reason][language if language in ("ru", "en") else "en"] if reason else ""
