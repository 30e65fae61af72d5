-- One row per message that was promised to somebody, and how it went out. Times are UTC.
-- outbox_id        row of the table outbox
-- promise_key      what was promised to whom, once
-- kind             notice, task, reminder, report, confirmation
-- channel          mail, xmpp (chat), sms
-- recipient_ref    person or contact, with the row's number
-- subject          of the mail
-- state            planned, claimed, in_doubt, sent, retry, refused, ambiguous
-- planned_at, not_before_at, sent_at   sent_at is empty when no mail server accepted it
-- attempt_count    how often it was tried
-- last_result, last_reply_code   of the last attempt, empty when it was not tried or the server did not answer
-- entity, entity_id    what it is about
SELECT
    o.id AS outbox_id,
    o.key AS promise_key,
    o.kind,
    o.channel,
    o.recipient_ref,
    o.subject,
    o.state,
    o.planned_at,
    o.not_before AS not_before_at,
    o.sent_at,
    o.attempt_count,
    a.result AS last_result,
    a.reply_code AS last_reply_code,
    o.entity,
    o.entity_id
FROM outbox AS o
LEFT JOIN outbox_attempt AS a
    ON
        a.outbox_id = o.id
        AND a.number = (SELECT max(b.number) FROM outbox_attempt AS b WHERE b.outbox_id = o.id)
