-- The stale days' conversations by hour, queue, line and who of us talked (0 is nobody known).
-- CROSS JOIN keeps SQLite's order, so that each day's calls are found by their index.
-- PostgreSQL sorts by the keys as GROUP BY names them: numbers tell most rows apart before a text is compared.
INSERT INTO fact_agent_hour (
    day, hour_at, queue, line, person_id, answered, talk_seconds, made, reached, made_talk_seconds
)
WITH timed AS (
    SELECT
        d.day,
        SECONDS_OF(c.started_at) - (SECONDS_OF(c.started_at) - SECONDS_OF(d.begins_at)) % 3600 AS hour_second,
        COALESCE(c.queue, '') AS queue,
        COALESCE(c.line, '') AS line,
        COALESCE(c.person_id, 0) AS person_id,
        CASE WHEN c.direction = 'in' THEN 1 ELSE 0 END AS is_in,
        CASE WHEN c.outcome = 'answered' THEN 1 ELSE 0 END AS is_answered,
        COALESCE(c.talk_seconds, 0) AS talk
    FROM fact_day AS d
    CROSS JOIN call AS c
    WHERE
        d.is_stale AND d.day BETWEEN :first AND :last
        AND c.started_at >= d.begins_at AND c.started_at < d.ends_at
        AND (c.direction = 'out' OR (c.direction = 'in' AND c.outcome = 'answered'))
)

SELECT
    day,
    MOMENT_OF(hour_second) AS hour_at,
    queue,
    line,
    person_id,
    SUM(is_in) AS answered,
    SUM(is_in * talk) AS talk_seconds,
    SUM(1 - is_in) AS made,
    SUM((1 - is_in) * is_answered) AS reached,
    SUM((1 - is_in) * is_answered * talk) AS made_talk_seconds
FROM timed
GROUP BY day, hour_second, person_id, queue, line
