-- The missed calls that began in the period; what happened after the moment the report knows is not seen.
SELECT
    missed_call_id,
    call_id,
    client_phone,
    contact_name,
    line,
    queue,
    person_id,
    person_name,
    missed_at,
    due_at,
    CASE WHEN resolved_at <= :as_of THEN state ELSE 'open' END AS state,
    CASE WHEN resolved_at <= :as_of THEN course ELSE 'open' END AS course,
    CASE WHEN resolved_at <= :as_of THEN resolved_call_id END AS resolved_call_id,
    CASE WHEN resolved_at <= :as_of THEN resolved_at END AS resolved_at,
    CASE WHEN resolved_at <= :as_of THEN resolver_name END AS resolver_name
FROM missed_call_course
WHERE call_started_at >= :from AND call_started_at < :until AND missed_at <= :as_of
    AND (:line = '' OR line = :line)
    AND (:queue = '' OR queue = :queue)
    AND (:person = 0 OR person_id = :person)
ORDER BY missed_at, missed_call_id
