-- The breaches recorded in the period.
SELECT
    id AS incident_id,
    person_id,
    entity,
    entity_id,
    step,
    what,
    at AS happened_at
FROM incident
WHERE at >= :from AND at < :until AND at <= :as_of
ORDER BY at, id
