-- How many incoming calls of the period nobody answered and no number can be called back.
SELECT COUNT(*) AS call_count
FROM call
WHERE
    started_at >= :from AND started_at < :until AND ended_at <= :as_of
    AND direction = 'in' AND outcome <> 'answered' AND client_phone IS NULL
    AND (:line = '' OR line = :line)
    AND (:queue = '' OR queue = :queue)
    AND (:person = 0 OR person_id = :person)
