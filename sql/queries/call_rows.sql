-- The calls that began in the period and had ended by the moment the report knows, of one line, queue or person or of
-- all ('' and 0). flow_out is 1 when the queue let the caller go unanswered, empty when no queue log tells.
SELECT
    c.*,
    CASE
        WHEN c.direction = 'in' AND c.queue IS NOT NULL THEN (
            SELECT MAX(CASE WHEN e.kind IN ('EXITWITHTIMEOUT', 'EXITEMPTY', 'EXITWITHKEY') THEN 1 ELSE 0 END)
            FROM queue_event AS e
            WHERE e.source = c.source AND e.call_key = c.linked_id
        )
    END AS flow_out
FROM call_fact AS c
WHERE
    c.started_at >= :from AND c.started_at < :until AND c.ended_at <= :as_of
    AND (:line = '' OR c.line = :line)
    AND (:queue = '' OR c.queue = :queue)
    AND (:person = 0 OR c.person_id = :person)
ORDER BY c.started_at, c.call_id
