-- What each member of staff did in the period, piece by piece.
SELECT *
FROM person_work
WHERE worked_at >= :from AND worked_at < :until AND worked_at <= :as_of
ORDER BY worked_at, person_id, work, entity_id
