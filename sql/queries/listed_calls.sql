-- The calls of call_rows as the telephony report lists them: also what became of a missed one by the moment the report
-- knows (as in missed_rows, and whether its deadline was kept), and the first recording that can be heard.
SELECT
    c.*,
    CASE
        WHEN c.direction = 'in' AND c.queue IS NOT NULL THEN (
            SELECT MAX(CASE WHEN e.kind IN ('EXITWITHTIMEOUT', 'EXITEMPTY', 'EXITWITHKEY') THEN 1 ELSE 0 END)
            FROM queue_event AS e
            WHERE e.source = c.source AND e.call_key = c.linked_id
        )
    END AS flow_out,
    CASE
        WHEN m.id IS NULL THEN ''
        WHEN m.resolved_at IS NULL OR m.resolved_at > :as_of THEN 'open'
        WHEN m.state <> 'returned' THEN m.state
        WHEN m.resolved_at <= m.due_at THEN 'returned_in_time'
        ELSE 'returned_late'
    END AS missed_state,
    CASE
        WHEN m.id IS NULL THEN ''
        WHEN m.resolved_at <= m.due_at AND m.resolved_at <= :as_of THEN 'kept'
        WHEN m.resolved_at <= :as_of OR m.due_at < :as_of THEN 'late'
        ELSE ''
    END AS deadline,
    (
        SELECT MIN(s.id)
        FROM recording AS s
        WHERE s.call_id = c.call_id AND s.state IN ('kept', 'linked') AND s.kept_at <= :as_of
    ) AS recording_id
FROM call_fact AS c
LEFT JOIN missed_call AS m ON c.call_id = m.call_id AND m.at <= :as_of
WHERE
    c.started_at >= :from AND c.started_at < :until AND c.ended_at <= :as_of
    AND (:line = '' OR c.line = :line)
    AND (:queue = '' OR c.queue = :queue)
    AND (:person = 0 OR c.person_id = :person)
ORDER BY c.started_at, c.call_id
