-- Known clients by their calls in the period, the most frequent first; all_count is how many there are in all.
WITH counted AS (
    SELECT
        contact_id,
        SUM(CASE WHEN direction = 'in' THEN 1 ELSE 0 END) AS offered,
        SUM(CASE WHEN direction = 'in' AND outcome = 'answered' THEN 1 ELSE 0 END) AS answered,
        SUM(CASE WHEN direction = 'out' THEN 1 ELSE 0 END) AS made,
        SUM(CASE WHEN outcome = 'answered' THEN talk_seconds ELSE 0 END) AS talk_seconds
    FROM call
    WHERE
        started_at >= :from AND started_at < :until AND ended_at <= :as_of
        AND contact_id IS NOT NULL
        AND (:line = '' OR line = :line)
        AND (:queue = '' OR queue = :queue)
        AND (:person = 0 OR person_id = :person)
    GROUP BY contact_id
),

ranked AS (
    SELECT
        counted.*,
        COUNT(*) OVER () AS all_count
    FROM counted
    ORDER BY offered + made DESC, contact_id
    LIMIT 50
)

SELECT
    r.contact_id,
    r.offered,
    r.answered,
    r.made,
    r.talk_seconds,
    r.all_count,
    k.name AS contact_name,
    f.name AS company_name
FROM ranked AS r
INNER JOIN contact AS k ON r.contact_id = k.id
LEFT JOIN company AS f ON k.company_id = f.id
ORDER BY r.offered + r.made DESC, r.contact_id
