-- One row per piece of work that was asked of somebody. Times are UTC.
-- work_task_id     row of the table work_task
-- entity, entity_id    what it belongs to, a deal, a lead or a missed call
-- name, title      its name in the process file, and as people read it
-- kind             task, approval, confirm
-- person_id, person_name   the member of staff who owes it, empty when a contact owes it
-- contact_name     the contact who owes it, empty when staff does
-- state            open, done, approved, declined, withdrawn, as it is now
-- opened_at, due_at, closed_at   due_at is empty without deadline, closed_at while open
SELECT
    t.id AS work_task_id,
    t.entity,
    t.entity_id,
    t.name,
    t.kind,
    t.title,
    t.person_id,
    p.name AS person_name,
    k.name AS contact_name,
    t.state,
    t.opened_at,
    t.due_at,
    t.closed_at
FROM work_task AS t
LEFT JOIN person AS p ON t.person_id = p.id
LEFT JOIN contact AS k ON t.contact_id = k.id
