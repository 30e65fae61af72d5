-- The stale days' calls by hour, line, queue and direction, with their waits in bins (tasks/rules/calls/wait_bins.py).
-- A call flowed out when its queue let it go without an answer there, whoever talked to the caller afterwards.
-- CROSS JOIN keeps SQLite's order, so that each day's calls are found by their index.
-- PostgreSQL sorts by the keys as GROUP BY names them: numbers tell most rows apart before a text is compared.
INSERT INTO fact_call_hour (
    day, hour_at, source, line, queue, direction, call_count, answered, abandoned, flow_out,
    answer_wait_seconds, talk_seconds, answered_waits, abandoned_waits, other_waits
)
WITH timed AS (
    SELECT
        d.day,
        SECONDS_OF(c.started_at) - (SECONDS_OF(c.started_at) - SECONDS_OF(d.begins_at)) % 3600 AS hour_second,
        c.source,
        COALESCE(c.line, '') AS line,
        COALESCE(c.queue, '') AS queue,
        c.direction,
        CASE WHEN c.outcome IN ('answered', 'abandoned') THEN c.outcome ELSE 'other' END AS fate,
        c.wait_seconds AS wait,
        CASE WHEN c.outcome = 'answered' THEN COALESCE(c.talk_seconds, 0) ELSE 0 END AS talk,
        CASE
            WHEN c.wait_seconds IS NULL THEN NULL
            WHEN c.wait_seconds < 120 THEN c.wait_seconds
            WHEN c.wait_seconds < 600 THEN c.wait_seconds - c.wait_seconds % 5 + 4
            WHEN c.wait_seconds < 3600 THEN c.wait_seconds - c.wait_seconds % 30 + 29
            ELSE c.wait_seconds - c.wait_seconds % 300 + 299
        END AS wait_bin,
        CASE
            WHEN c.direction = 'in' AND c.queue IS NOT NULL THEN (
                SELECT MAX(CASE WHEN e.kind IN ('EXITWITHTIMEOUT', 'EXITEMPTY', 'EXITWITHKEY') THEN 1 ELSE 0 END)
                FROM queue_event AS e
                WHERE e.source = c.source AND e.call_key = c.linked_id
            )
        END AS left_queue
    FROM fact_day AS d
    CROSS JOIN call AS c
    WHERE
        d.is_stale AND d.day BETWEEN :first AND :last
        AND c.started_at >= d.begins_at AND c.started_at < d.ends_at
),

counted AS (
    SELECT
        day,
        hour_second,
        source,
        line,
        queue,
        direction,
        fate,
        wait_bin,
        COUNT(*) AS calls,
        SUM(left_queue) AS flow_out,
        SUM(CASE WHEN fate = 'answered' THEN wait END) AS answer_wait,
        SUM(talk) AS talk
    FROM timed
    GROUP BY day, hour_second, wait_bin, fate, direction, queue, line, source
)

SELECT
    day,
    MOMENT_OF(hour_second) AS hour_at,
    source,
    line,
    queue,
    direction,
    SUM(calls) AS call_count,
    SUM(CASE WHEN fate = 'answered' THEN calls ELSE 0 END) AS answered,
    SUM(CASE WHEN fate = 'abandoned' THEN calls ELSE 0 END) AS abandoned,
    SUM(flow_out) AS flow_out,
    COALESCE(SUM(answer_wait), 0) AS answer_wait_seconds,
    SUM(talk) AS talk_seconds,
    COALESCE(OBJECT_OF(CAST(wait_bin AS TEXT), calls) FILTER (WHERE fate = 'answered' AND wait_bin IS NOT NULL), '{}') AS answered_waits,
    COALESCE(OBJECT_OF(CAST(wait_bin AS TEXT), calls) FILTER (WHERE fate = 'abandoned' AND wait_bin IS NOT NULL), '{}') AS abandoned_waits,
    COALESCE(OBJECT_OF(CAST(wait_bin AS TEXT), calls) FILTER (WHERE fate = 'other' AND wait_bin IS NOT NULL), '{}') AS other_waits
FROM counted
GROUP BY day, hour_second, source, line, queue, direction
