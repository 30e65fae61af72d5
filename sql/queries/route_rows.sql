-- What the PBX was answered in the period, and the call it was about where its log has come.
-- A call is known by the PBX's own id of it; without one by the caller's number, and the reader picks the nearest.
SELECT
    r.id AS route_id,
    r.at AS asked_at,
    r.line,
    r.queue,
    r.kind,
    r.person_id,
    p.name AS person_name,
    r.reason,
    CASE WHEN r.linked_id <> '' THEN 1 ELSE 0 END AS is_exact,
    c.id AS call_id,
    c.started_at AS call_started_at,
    c.outcome,
    c.person_id AS taker_id,
    t.name AS taker_name
FROM call_route AS r
LEFT JOIN person AS p ON r.person_id = p.id
LEFT JOIN call AS c ON (
    c.direction = 'in' AND c.started_at >= :from AND c.started_at < :until AND c.ended_at <= :as_of
    AND CASE WHEN r.linked_id <> '' THEN c.linked_id = r.linked_id ELSE c.client_phone = r.caller_phone END
)
LEFT JOIN person AS t ON c.person_id = t.id
WHERE
    r.at >= :from AND r.at < :until AND r.at <= :as_of
    AND (:line = '' OR r.line = :line)
    AND (:queue = '' OR r.queue = :queue)
    AND (:person = 0 OR r.person_id = :person)
ORDER BY r.at, r.id, c.started_at, c.id
