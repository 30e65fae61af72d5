"""Leads: assigned to a manager, taken into work, qualified and converted, or junk; forgotten ones come back once."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from tasks.gateways.store.events import NewEvent, record_event
from tasks.gateways.store.lead_course import DueLead, Lead, first_letter, load_lead, save_lead
from tasks.gateways.store.qualifications import keep_answers, known_answers
from tasks.gateways.store.staff import id_of, language_of, open_loads, read_recipients
from tasks.gateways.store.work import (
    NewTask,
    WaitingEvent,
    close_task,
    mark_task,
    open_task,
    read_reply,
    write_incidents,
)
from tasks.lead_conversion import Conversion, convert_lead
from tasks.lead_spam import LeadCause, drop_lead, label_lead_mail, record_step, spam_percent, take_back, task_key
from tasks.letters import Letter, answer, pass_on, refuse_reply
from tasks.notifications import tell
from tasks.office_round import SERVICE, OfficeRound
from tasks.rules.assignment import least_loaded, stand_in
from tasks.rules.deal_answers import Given, read_values
from tasks.rules.lead_progress import (
    CONTACT_FIELDS,
    Accepted,
    ClearLead,
    ConvertLead,
    DropLead,
    KeepAnswers,
    LeadHeldError,
    RefuseAnswer,
    TakeLead,
    decide_answer,
    form_reasons,
    lacking_of,
)
from tasks.rules.lead_times import take_due_at
from tasks.rules.leads.qualification import Answers, asked_names, missing_for, read_answers
from tasks.rules.outgoing import Notice
from tasks.rules.process.reasons import Reason
from tasks.rules.reply_command import ReplyCommand, interpret

_ROLE = "manager"
_MAX_CHARS = 1500


def take_new_lead(connection: sa.Connection, run: OfficeRound, event: WaitingEvent) -> Counter[str]:
    """A new lead gets its responsible manager, a task with the deadline, and a mail that asks for the answer.

    Raises LeadHeldError when nobody has the role.
    """
    lead = load_lead(connection, event.entity_id)
    if lead.status != "new" or lead.responsible:
        return Counter()
    chosen = least_loaded(run.staff, _ROLE, open_loads(connection), run.day(event.at))
    if chosen is None:
        raise LeadHeldError(f"nobody has the role {_ROLE}: the lead cannot be assigned")
    save_lead(connection, lead, responsible_id=id_of(chosen))
    task = NewTask(
        key=task_key(lead),
        entity="lead",
        entity_id=lead.lead_id,
        name="qualify",
        kind="task",
        title=f"{lead.number}: {lead.title}",
        owner=chosen,
        opened_at=event.at,
        due_at=lead.take_due_at,
    )
    task_id = open_task(connection, task)
    cause = LeadCause(event.key, event.at, event.actor, event.event_id)
    record_step(connection, lead, cause, "lead.assigned", {"to": chosen, "work_task_id": task_id})
    told = _tell(connection, run, lead, chosen, "lead_new", f"work:{task.key}", cause, task_id)
    return Counter(leads_assigned=1, tasks_opened=1, notices=told)


def take_lead_reply(connection: sa.Connection, run: OfficeRound, event: WaitingEvent) -> Counter[str]:
    """A verified reply about a lead: taken, qualified (and converted), junk; or refused, or a letter for a person."""
    lead = load_lead(connection, event.entity_id)
    reply = read_reply(connection, int(event.data["activity_id"]))
    letter = Letter(event, lead.number, reply.text)
    if event.actor not in run.staff:
        return pass_on(connection, run, letter, lead.responsible)
    command = interpret(reply.text, asked_names(run.office.qualification))
    if command is None:
        return Counter(refused=1, notices=refuse_reply(connection, run, letter, ()))
    counts, reasons = act_on_lead(connection, run, lead, command, event)
    if reasons:
        counts["notices"] += refuse_reply(connection, run, letter, reasons)
    return counts


def act_on_lead(
    connection: sa.Connection, run: OfficeRound, lead: Lead, command: ReplyCommand, event: WaitingEvent
) -> tuple[Counter[str], tuple[Reason, ...]]:
    """What a colleague wants of a lead, however it was said; the reasons when it is refused and nothing changes.

    The reasons name the questions of the form in the colleague's language. Raises ConflictError when the lead has
    changed meanwhile.
    """
    form, language = run.office.qualification, language_of(connection, event.actor, run.office.language)
    answers = read_answers(form, command.others)
    known = known_answers(connection, lead.lead_id) | dict(answers.values)
    given = _given(run, command, event.at)
    reasons = (*given.reasons, *form_reasons(answers, language))
    decision = decide_answer(lead.status, command, reasons, lacking_of(form, known, language))
    if isinstance(decision, RefuseAnswer):
        return Counter(refused=1), decision.reasons
    keep_answers(connection, lead.lead_id, {**answers.values, **dict(answers.free)}, form.version, event.at)
    return _carry_out(connection, run, lead, event, decision, given, answers), ()


def _carry_out(
    connection: sa.Connection,
    run: OfficeRound,
    lead: Lead,
    event: WaitingEvent,
    decision: Accepted,
    given: Given,
    answers: Answers,
) -> Counter[str]:
    cause = LeadCause(event.key, event.at, event.actor, event.event_id)
    fields = [*answers.values, *dict(answers.free)]
    if fields:
        record_step(connection, lead, cause, "lead.answered", {"fields": fields})
    match decision:
        case KeepAnswers():
            save_lead(connection, lead)
            return Counter(leads_answered=1)
        case TakeLead():
            return _take(connection, run, lead, cause)
        case DropLead(reason, is_spam):
            if is_spam:
                return _spam(connection, run, lead, event, cause, reason)
            return drop_lead(connection, lead, cause, reason)
        case ClearLead():
            return _no_spam(connection, run, lead, event, cause)
        case ConvertLead():
            return _convert(connection, run, lead, event, decision, given)


def remind_lead(connection: sa.Connection, run: OfficeRound, due: DueLead) -> Counter[str]:
    """A forgotten lead: one reminder and one incident per deadline, at the deadline's own time."""
    lead = load_lead(connection, due.lead_id)
    key = f"lead:{lead.lead_id}:overdue:{due.due_at.isoformat()}"
    event_id = record_event(connection, NewEvent(key, due.due_at, "lead", lead.lead_id, "clock", "clock"))
    mark_task(connection, due.task_key, {"overdue_at": due.due_at})
    step = "take" if lead.status == "new" else "qualify"
    incident = {
        "key": key,
        "entity": "lead",
        "entity_id": lead.lead_id,
        "person_id": id_of(lead.responsible),
        "step": step,
        "what": "lead forgotten",
        "at": due.due_at,
    }
    write_incidents(connection, [incident])
    cause = LeadCause(key, due.due_at, "clock", event_id)
    to = stand_in(run.staff, lead.responsible, run.day(due.due_at))
    told = _tell(connection, run, lead, to, "lead_forgotten", key, cause, due.task_id, due.due_at)
    return Counter(leads_forgotten=1, incidents=1, notices=told)


def _given(run: OfficeRound, command: ReplyCommand, at: datetime) -> Given:
    """The order's values in the answer; other fields are kept as answers of the qualification."""
    others = frozenset(name for name, _ in command.others)
    known = run.knowledge(run.definitions[SERVICE])
    return read_values(known, command, at, ignored=CONTACT_FIELDS | others)


def _take(connection: sa.Connection, run: OfficeRound, lead: Lead, cause: LeadCause) -> Counter[str]:
    save_lead(connection, lead, status="in_work", taken_at=cause.at)
    due = run.calendar.add(cause.at, run.office.lead_times.qualify_hours * 3600)
    mark_task(connection, task_key(lead), {"begun_at": cause.at, "due_at": due, "overdue_at": None})
    record_step(connection, lead, cause, "lead.taken", {"by": cause.actor})
    return Counter(leads_taken=1)


def _spam(
    connection: sa.Connection, run: OfficeRound, lead: Lead, event: WaitingEvent, cause: LeadCause, reason: str
) -> Counter[str]:
    counts = drop_lead(connection, lead, cause, reason)
    is_mail = label_lead_mail(connection, lead, cause, is_spam=True)
    return counts + _answer_to(connection, run, lead, event, "lead_spam", {"is_mail": is_mail})


def _no_spam(
    connection: sa.Connection, run: OfficeRound, lead: Lead, event: WaitingEvent, cause: LeadCause
) -> Counter[str]:
    due_at = take_due_at(run.office, cause.at)
    counts = take_back(connection, lead, cause, due_at)
    label_lead_mail(connection, lead, cause, is_spam=False)
    said = {"is_reopened": bool(counts), "due_at": due_at}
    return counts + _answer_to(connection, run, lead, event, "lead_not_spam", said)


def _answer_to(
    connection: sa.Connection, run: OfficeRound, lead: Lead, event: WaitingEvent, wording: str, said: dict[str, Any]
) -> Counter[str]:
    """Tell whoever wrote what became of it; an answer to that is about the lead again."""
    recipients = read_recipients(connection, [event.actor])
    if event.actor not in recipients:
        return Counter()
    notice = Notice(
        key=f"{wording}:{event.key}",
        kind="notice",
        to=recipients[event.actor],
        wording=wording,
        data={"number": lead.number, "title": lead.title, **said},
        entity="lead",
        entity_id=lead.lead_id,
        not_before=event.at,
        cause_event_id=event.event_id,
    )
    return Counter(notices=answer(connection, run, event, [notice]))


def _convert(
    connection: sa.Connection, run: OfficeRound, lead: Lead, event: WaitingEvent, decision: ConvertLead, given: Given
) -> Counter[str]:
    close_task(connection, task_key(lead), "done", event.actor, event.at, "qualified")
    made = convert_lead(connection, run, Conversion(lead, event, decision.answers, given.sets, decision.is_started))
    cause = LeadCause(event.key, event.at, event.actor, event.event_id)
    record_step(connection, lead, cause, "lead.qualified", {"by": event.actor})
    label_lead_mail(connection, lead, cause, is_spam=False)  # whoever qualifies a lead says that its mail is good
    record_step(connection, lead, cause, "lead.converted", {"deal_id": made.deal_id, "contact_id": made.contact_id})
    counts = Counter(leads_qualified=1, converted=1, deals_opened=1, tasks_closed=1)
    return counts + made.counts


def _tell(
    connection: sa.Connection,
    run: OfficeRound,
    lead: Lead,
    to: str,
    wording: str,
    key: str,
    cause: LeadCause,
    task_id: int,
    due_at: datetime | None = None,
) -> int:
    notices = [
        Notice(
            key=key,
            kind="task",
            to=recipient,
            wording=wording,
            data=_data(connection, run, lead, due_at or lead.take_due_at, recipient.language),
            entity="lead",
            entity_id=lead.lead_id,
            not_before=cause.at,
            asks_task_id=task_id,
            cause_event_id=cause.event_id,
        )
        for recipient in read_recipients(connection, [to]).values()
    ]
    return tell(connection, run, notices)


def _data(connection: sa.Connection, run: OfficeRound, lead: Lead, due_at: datetime, language: str) -> dict[str, Any]:
    service = run.definitions[SERVICE]
    kinds = service.fields["kind"].options if "kind" in service.fields else ()
    return {
        "number": lead.number,
        "title": lead.title,
        "channel": lead.channel,
        "person_name": lead.person_name,
        "mail": lead.mail,
        "phone": lead.phone,
        "letter": first_letter(connection, lead.lead_id)[:_MAX_CHARS],
        "due_at": due_at,
        "dispatchers": [m for m in run.staff.values() if "dispatcher" in m.roles],
        "kinds": kinds,
        "status": lead.status,
        "spam_percent": spam_percent(connection, lead),
        "questions": _open_questions(connection, run, lead, language),
    }


def _open_questions(connection: sa.Connection, run: OfficeRound, lead: Lead, language: str) -> list[str]:
    """What the form still demands before the lead can become an order, as its reader calls it."""
    known = known_answers(connection, lead.lead_id)
    missing = missing_for(run.office.qualification, known, "converted")
    return [next((title for one, title in asked.titles.items() if one == language), asked.key) for asked in missing]
