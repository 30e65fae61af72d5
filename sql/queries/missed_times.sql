-- The missed calls that began in the period, only what their figures need; see missed_rows for the whole rows.
SELECT
    m.id AS missed_call_id,
    m.call_id,
    m.at AS missed_at,
    m.due_at,
    CASE WHEN m.resolved_at <= :as_of THEN m.state ELSE 'open' END AS state,
    CASE WHEN m.resolved_at <= :as_of THEN m.resolved_at END AS resolved_at
FROM missed_call AS m
INNER JOIN call AS c ON m.call_id = c.id
WHERE
    c.started_at >= :from AND c.started_at < :until AND m.at <= :as_of
    AND (:line = '' OR c.line = :line)
    AND (:queue = '' OR c.queue = :queue)
    AND (:person = 0 OR m.person_id = :person)
ORDER BY m.at, m.id
