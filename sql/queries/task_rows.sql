-- The work owed by staff that was open at some time since the period began, as it was at the moment the report knows.
SELECT
    work_task_id,
    title,
    kind,
    person_id,
    entity,
    entity_id,
    opened_at,
    due_at,
    CASE WHEN closed_at <= :as_of THEN closed_at END AS closed_at,
    CASE WHEN closed_at <= :as_of THEN state ELSE 'open' END AS state
FROM task_course
WHERE person_id IS NOT NULL AND opened_at <= :as_of AND (closed_at IS NULL OR closed_at >= :from)
ORDER BY opened_at, work_task_id
