-- One row per telephone call, its legs already folded. Times are UTC.
-- call_id          row of the table call
-- source           name of the call log in the office folder
-- linked_id        what the telephone system calls it; with source it is unique
-- direction        in, out, internal
-- started_at, answered_at, ended_at   answered_at is empty when nobody answered
-- outcome          answered, abandoned (the caller hung up), no_answer, busy, failed
-- wait_seconds     from the start to the answer or to hanging up; empty when the source cannot tell
-- talk_seconds     conversation, 0 when nobody answered
-- leg_count, transfer_count           how many rows of the log it was folded from, how often it was handed on
-- client_phone     E.164, empty when withheld; client_raw is the text of the log
-- line             our number that was called or used; queue is the waiting queue, empty when it rang directly
-- person_*         the member of staff who talked, empty when nobody did
-- contact_id, contact_name, company_name  who the number belongs to, empty when unknown
-- lead_id, lead_number  the lead that this call made, empty when none
-- file_line        where its first leg stands in the log (file, line)
SELECT
    c.id AS call_id,
    c.source,
    c.linked_id,
    c.direction,
    c.started_at,
    c.answered_at,
    c.ended_at,
    c.outcome,
    c.wait_seconds,
    c.talk_seconds,
    c.leg_count,
    c.transfer_count,
    c.client_phone,
    c.client_raw,
    c.line,
    c.queue,
    c.person_id,
    p.key AS person_key,
    p.name AS person_name,
    c.contact_id,
    k.name AS contact_name,
    f.name AS company_name,
    c.lead_id,
    l.number AS lead_number,
    (SELECT g.file_line FROM call_leg AS g WHERE g.call_id = c.id ORDER BY g.id LIMIT 1) AS file_line
FROM call AS c
LEFT JOIN person AS p ON c.person_id = p.id
LEFT JOIN contact AS k ON c.contact_id = k.id
LEFT JOIN company AS f ON k.company_id = f.id
LEFT JOIN lead AS l ON c.lead_id = l.id
