-- One row per missed call that can be returned, and what became of it. Times are UTC.
-- missed_call_id   row of the table missed_call; call_id is the call that was missed
-- client_phone     E.164
-- call_started_at  when the caller rang; missed_at is when the call was over; due_at is until when it should be returned
-- state            open, returned (we called back), came_back (the caller reached us), lost (given up), as it is now
-- course           open, returned_in_time, returned_late, came_back, lost
-- resolved_at      when it was returned, came back or was lost, empty while open; resolved_call_id is the call that did it
-- resolver_name    who talked in that call, empty while open
-- person_id, person_name   who owes the call back, empty when nobody could be assigned
-- contact_name     who the number belongs to, empty when unknown
-- line, queue, outcome, wait_seconds   of the missed call
SELECT
    m.id AS missed_call_id,
    m.call_id,
    m.client_phone,
    c.started_at AS call_started_at,
    m.at AS missed_at,
    m.due_at,
    m.state,
    CASE
        WHEN m.state <> 'returned' THEN m.state
        WHEN m.resolved_at <= m.due_at THEN 'returned_in_time'
        ELSE 'returned_late'
    END AS course,
    m.resolved_at,
    m.resolved_by_id AS resolved_call_id,
    r.name AS resolver_name,
    m.person_id,
    p.name AS person_name,
    k.name AS contact_name,
    c.line,
    c.queue,
    c.outcome,
    c.wait_seconds
FROM missed_call AS m
INNER JOIN call AS c ON m.call_id = c.id
LEFT JOIN call AS b ON m.resolved_by_id = b.id
LEFT JOIN person AS r ON b.person_id = r.id
LEFT JOIN person AS p ON m.person_id = p.id
LEFT JOIN contact AS k ON c.contact_id = k.id
