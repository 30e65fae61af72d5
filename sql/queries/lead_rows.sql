-- The leads that were open at some time since the period began, as they were at the moment the report knows.
SELECT
    lead_id,
    number,
    channel,
    title,
    responsible_id,
    created_at,
    take_due_at,
    CASE WHEN taken_at <= :as_of THEN taken_at END AS taken_at,
    CASE WHEN qualified_at <= :as_of THEN qualified_at END AS qualified_at,
    CASE WHEN ended_at <= :as_of THEN ended_at END AS ended_at,
    CASE WHEN ended_at <= :as_of THEN status END AS outcome
FROM lead_course
WHERE created_at <= :as_of AND (ended_at IS NULL OR ended_at >= :from)
ORDER BY created_at, lead_id
