-- Numbers that called twice or more in the period, the most frequent first; all_count is how many there are in all.
WITH counted AS (
    SELECT
        client_phone,
        MAX(contact_id) AS contact_id,
        COUNT(*) AS call_count,
        SUM(CASE WHEN outcome = 'answered' THEN 1 ELSE 0 END) AS answered
    FROM call
    WHERE
        started_at >= :from AND started_at < :until AND ended_at <= :as_of
        AND direction = 'in' AND client_phone IS NOT NULL
        AND (:line = '' OR line = :line)
        AND (:queue = '' OR queue = :queue)
        AND (:person = 0 OR person_id = :person)
    GROUP BY client_phone
    HAVING COUNT(*) > 1
),

ranked AS (
    SELECT
        counted.*,
        COUNT(*) OVER () AS all_count
    FROM counted
    ORDER BY call_count DESC, client_phone
    LIMIT 100
)

SELECT
    r.client_phone,
    r.call_count,
    r.answered,
    r.all_count,
    k.name AS contact_name,
    f.name AS company_name
FROM ranked AS r
LEFT JOIN contact AS k ON r.contact_id = k.id
LEFT JOIN company AS f ON k.company_id = f.id
ORDER BY r.call_count DESC, r.client_phone
