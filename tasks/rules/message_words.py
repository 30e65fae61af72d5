"""A message's story in words, Russian or English, and as plain values for scripts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from tasks.rules.message_story import Attempt, LadderStep, MessageStory, PlannedMessage, Word

_LONG_NUMBER = re.compile(r"\+?\d(?:[\s()-]*\d){8,}")
_WORDS: dict[str, tuple[str, str]] = {
    "message": ("message {id}, promised as {key}", "письмо {id}, обещано как {key}"),
    "key": ("promised as {key}", "обещано как {key}"),
    "to": ("to {ref} ({mail}), wording {wording}, kind {kind}", "кому: {ref} ({mail}), шаблон {wording}, вид {kind}"),
    "about": ("about {entity} {entity_id}", "о чём: {entity} {entity_id}"),
    "planned": ("planned {at}, not before {not_before}", "запланировано {at}, не раньше {not_before}"),
    "cause": ("caused by event {id}: {kind} of {entity} {entity_id} by {actor}, {at}",
              "причина: событие {id}: {kind}, {entity} {entity_id}, кто: {actor}, {at}"),
    "no_cause": ("caused by no event: planned by a schedule or a command", "без события: расписание или команда"),
    "attempt": ("attempt {number} {at}: {result}, {code}", "попытка {number} {at}: {result}, {code}"),
    "no_answer": ("the server did not answer", "сервер не ответил"),
    "bounce": ("came back undelivered {at}", "вернулось недоставленным {at}"),
    "mail.decided": ("{actor} decided {at}: {decision}; {note}", "{actor} решил(а) {at}: {decision}; {note}"),
    "mail.withheld": ("never planned {at}: {reason}", "не планировалось {at}: {reason}"),
    "answer_to_machine": ("an automatic mail is never answered", "на автоматическое письмо не отвечаем"),
    "answer_to_unverified": ("its author is not proven", "автор письма не подтверждён"),
    "ladder": ("way {number}, since {why}: {how}", "путь {number}, так как {why}: {how}"),
    "ladder_spare": ("way {number}, if needed: {how}", "путь {number}, если понадобится: {how}"),
    "why.online": ("online in chat", "в чате"),
    "why.idle": ("not seen at the door lately", "давно не на странице «Моя работа»"),
    "why.not_signed_in": ("not signed in at the door", "вход не выполнен"),
    "why.signed_in": ("at the door just now", "сейчас на странице «Моя работа»"),
    "why.unread": ("the notice stayed unread", "уведомление не прочитано"),
    "why.no_mail": ("no mail address", "нет адреса почты"),
    "why.no_user": ("no user of ours", "не пользователь"),
    "why.mail_refused": ("the mail was refused", "письмо не принято"),
    "why.kind": ("this kind goes by SMS too", "такие сообщения идут и по СМС"),
    "why.has_files": ("it has files", "с файлами"),
    "channel.mail": ("mail", "почта"),
    "channel.xmpp": ("chat", "чат"),
    "channel.sms": ("SMS", "СМС"),
    "channel.notice": ("inbox", "входящие"),
    "state.planned": ("waits", "ждёт"),
    "state.retry": ("waits for another try", "ждёт повтора"),
    "state.claimed": ("being sent", "отправляется"),
    "state.in_doubt": ("being sent", "отправляется"),
    "state.sent": ("delivered", "доставлено"),
    "state.refused": ("refused", "отказано"),
    "state.ambiguous": ("no answer", "без подтверждения"),
    "state.overtaken": ("not in time", "не успело"),
    "state.channel_off": ("switched off", "канал выключен"),
    "state.read": ("read", "прочитано"),
    "state.unread": ("shown, not read", "показано, не прочитано"),
    "overtaken": (", the next way was taken", ", пошли следующим путём"),
    "channel_off": (", the channel is switched off", ", канал выключен"),
    "quarantine": ("never planned: in quarantine ({state}): {reason}",
                   "не запланировано: карантин ({state}): {reason}"),
    "sent": ("sent {at}", "отправлено {at}"),
    "planned_now": ("waits until {at}{hold}", "ждёт до {at}{hold}"),
    "retry": ("to be tried again from {at}{hold}", "повторим с {at}{hold}"),
    "claimed": ("a sender has it in hand", "взято в отправку"),
    "in_doubt": ("being sent: the server has not answered yet", "отправляется: сервер ещё не ответил"),
    "refused": ("refused for good: it will not be sent", "отказано: отправляться не будет"),
    "ambiguous": ("nobody knows whether it was accepted; decide: ./callout decide-outbox --mails {id}",
                  "неизвестно, принято ли; решите: ./callout decide-outbox --mails {id}"),
    "quiet_hours": (", held: the client's quiet hours", ", задержано: тихие часы клиента"),
    "staff_hours": (", held: outside working hours", ", задержано: нерабочее время"),
    "recipient_cap": (", held: too many mails to this recipient within an hour",
                      ", задержано: слишком много писем адресату за час"),
    "office_cap": (", held: too many mails within an hour", ", задержано: слишком много писем за час"),
}  # fmt: skip


def story_lines(story: MessageStory, language: str, zone: ZoneInfo) -> list[str]:
    """The story, one fact a line; the last line says where the message stands."""
    return list(_Teller(0 if language == "en" else 1, zone).lines(story))


def story_json(story: MessageStory) -> dict[str, Any]:
    """The story as values that JSON knows; times are ISO 8601 in UTC, long numbers are masked."""

    def plain(value: Any) -> Any:
        if isinstance(value, datetime):
            return value.isoformat()
        if isinstance(value, dict):
            return {str(name): plain(part) for name, part in value.items()}
        if isinstance(value, (list, tuple)):
            return [plain(part) for part in value]
        return mask_numbers(value) if isinstance(value, str) else value

    found = {name: plain(part) for name, part in asdict(story).items() if name != "planned"}
    planned = asdict(story.planned) if story.planned else None
    message_id = {"message_id": story.planned.message_id} if story.planned else {}
    return found | {"key": story.key, "planned": plain(planned) | message_id if planned else None}


def mask_numbers(text: str) -> str:
    """Numbers that may be telephones: the last two digits are enough to tell them apart."""
    return _LONG_NUMBER.sub(lambda match: f"…{match[0][-2:]}", text)


class _Teller:
    def __init__(self, column: int, zone: ZoneInfo) -> None:
        self._column = column
        self._zone = zone

    def _say(self, name: str, **values: object) -> str:
        said = {key: self._at(value) if isinstance(value, datetime) else value for key, value in values.items()}
        return _WORDS[name][self._column].format(**said)

    def _at(self, value: datetime) -> str:
        return f"{value.astimezone(self._zone):%Y-%m-%d %H:%M:%S}"

    def lines(self, story: MessageStory) -> Iterator[str]:
        if story.planned is None:
            yield self._say("key", key=story.key)
        else:
            yield from self._head(story.key, story.planned)
        for cause in story.causes:
            yield self._say(
                "cause",
                id=cause.event_id,
                kind=cause.kind,
                entity=cause.entity,
                entity_id=cause.entity_id,
                actor=cause.actor,
                at=cause.at,
            )
        if not story.causes:
            yield self._say("no_cause")
        yield from map(self._ladder, story.ladder)
        yield from map(self._attempt, story.attempts)
        yield from map(self._word, story.words)
        if story.planned is not None:
            yield self._end(story.planned)
        elif story.quarantine_reason:
            reason = mask_numbers(story.quarantine_reason)
            yield self._say("quarantine", state=story.quarantine_state, reason=reason)

    def _head(self, key: str, mail: PlannedMessage) -> Iterator[str]:
        yield self._say("message", id=mail.outbox_id, key=key)
        yield self._say("to", ref=mail.recipient_ref, mail=mail.recipient, wording=mail.wording, kind=mail.kind)
        yield self._say("about", entity=mail.entity, entity_id=mail.entity_id)
        yield self._say("planned", at=mail.planned_at, not_before=mail.not_before)

    def _ladder(self, step: LadderStep) -> str:
        ways = [
            self._say(f"channel.{channel}") + (f" ({self._say(f'state.{state}')})" if state else "")
            for channel, state in step.channels.items()
        ]
        name = "ladder" if step.is_taken else "ladder_spare"
        return self._say(name, number=step.number, why=self._say(f"why.{step.why}"), how=", ".join(ways))

    def _attempt(self, one: Attempt) -> str:
        code = f"{one.reply_code or ''} {mask_numbers(one.reply_text)}".strip() or self._say("no_answer")
        return self._say("attempt", number=one.number, at=one.ended_at or one.started_at, result=one.result, code=code)

    def _word(self, word: Word) -> str:
        reason = str(word.data.get("reason", ""))
        told = self._say(reason) if reason in _WORDS else reason
        note = mask_numbers(str(word.data.get("note", "")))
        decision = word.data.get("decision", "")
        return self._say(word.kind, at=word.at, actor=word.actor, reason=told, decision=decision, note=note)

    def _end(self, mail: PlannedMessage) -> str:
        hold = self._say(mail.hold_reason) if mail.hold_reason in _WORDS else ""
        name = "planned_now" if mail.state == "planned" else mail.state
        at = mail.sent_at if mail.state == "sent" and mail.sent_at else mail.not_before
        return self._say(name, at=at, hold=hold, id=mail.outbox_id)
