-- One row per piece of work that a member of staff did, to be counted over any period. Times are UTC.
-- person_id        who did it
-- work             lead_taken, lead_qualified, lead_converted, lead_junked, deal_won, deal_lost (also cancelled),
--                  invoice_paid, deal_dispatched, deal_executed (a won deal's dispatcher and executor),
--                  task_closed, task_late (closed after its deadline), incident, call_answered, call_made,
--                  mail_received (from that person), mail_sent
-- worked_at        when
-- entity, entity_id    the row it stands in (lead, deal, invoice, work_task, incident, call, activity)
-- amount           money, empty where there is none; deal_won, deal_dispatched and deal_executed name the same money,
--                  so do not add them up
-- talk_seconds     conversation, empty where there is none
SELECT
    responsible_id AS person_id,
    'lead_taken' AS work,
    taken_at AS worked_at,
    'lead' AS entity,
    id AS entity_id,
    cast(NULL AS numeric) AS amount,
    cast(NULL AS integer) AS talk_seconds
FROM lead
WHERE responsible_id IS NOT NULL AND taken_at IS NOT NULL
UNION ALL
SELECT responsible_id, 'lead_qualified', qualified_at, 'lead', id, cast(NULL AS numeric), cast(NULL AS integer)
FROM lead
WHERE responsible_id IS NOT NULL AND qualified_at IS NOT NULL
UNION ALL
SELECT
    responsible_id,
    CASE status WHEN 'junk' THEN 'lead_junked' ELSE 'lead_converted' END,
    ended_at,
    'lead',
    id,
    cast(NULL AS numeric),
    cast(NULL AS integer)
FROM lead
WHERE responsible_id IS NOT NULL AND ended_at IS NOT NULL
UNION ALL
SELECT
    manager_id,
    CASE outcome WHEN 'won' THEN 'deal_won' ELSE 'deal_lost' END,
    ended_at,
    'deal',
    id,
    CASE outcome WHEN 'won' THEN amount END,
    cast(NULL AS integer)
FROM deal
WHERE manager_id IS NOT NULL AND ended_at IS NOT NULL
UNION ALL
SELECT dispatcher_id, 'deal_dispatched', ended_at, 'deal', id, amount, cast(NULL AS integer)
FROM deal
WHERE dispatcher_id IS NOT NULL AND outcome = 'won'
UNION ALL
SELECT executor_id, 'deal_executed', ended_at, 'deal', id, amount, cast(NULL AS integer)
FROM deal
WHERE executor_id IS NOT NULL AND outcome = 'won'
UNION ALL
SELECT d.manager_id, 'invoice_paid', i.paid_at, 'invoice', i.id, i.amount, cast(NULL AS integer)
FROM invoice AS i
INNER JOIN deal AS d ON i.deal_id = d.id
WHERE d.manager_id IS NOT NULL AND i.paid_at IS NOT NULL
UNION ALL
SELECT person_id, 'task_closed', closed_at, 'work_task', id, cast(NULL AS numeric), cast(NULL AS integer)
FROM work_task
WHERE person_id IS NOT NULL AND closed_at IS NOT NULL AND state <> 'withdrawn'
UNION ALL
SELECT person_id, 'task_late', closed_at, 'work_task', id, cast(NULL AS numeric), cast(NULL AS integer)
FROM work_task
WHERE person_id IS NOT NULL AND closed_at > due_at AND state <> 'withdrawn'
UNION ALL
SELECT person_id, 'incident', at, 'incident', id, cast(NULL AS numeric), cast(NULL AS integer)
FROM incident
WHERE person_id IS NOT NULL
UNION ALL
SELECT
    person_id,
    CASE direction WHEN 'out' THEN 'call_made' ELSE 'call_answered' END,
    started_at,
    'call',
    id,
    cast(NULL AS numeric),
    talk_seconds
FROM call
WHERE person_id IS NOT NULL AND (direction = 'out' OR (direction = 'in' AND outcome = 'answered'))
UNION ALL
SELECT
    person_id,
    CASE direction WHEN 'out' THEN 'mail_sent' ELSE 'mail_received' END,
    at,
    'activity',
    id,
    cast(NULL AS numeric),
    cast(NULL AS integer)
FROM activity
WHERE person_id IS NOT NULL AND kind = 'mail'
