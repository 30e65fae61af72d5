-- How busy the lines were in the stale days: calls with the world outside, what they held, the most at one moment.
-- A running sum over beginnings and ends; at one second an end comes before a beginning. Calls of the evening before
-- that are still held count (up to six hours back). '*' is all lines together.
-- CROSS JOIN keeps SQLite's order, so that each day's calls are found by their index.
INSERT INTO fact_line_hour (day, hour_at, line, call_count, busy_seconds, peak_calls)
WITH held AS (
    SELECT
        d.day,
        SECONDS_OF(d.begins_at) AS begins,
        SECONDS_OF(d.ends_at) AS ends,
        COALESCE(c.line, '') AS line,
        SECONDS_OF(c.started_at) AS started,
        SECONDS_OF(c.ended_at) AS ended
    FROM fact_day AS d
    CROSS JOIN call AS c
    WHERE
        d.is_stale AND d.day BETWEEN :first AND :last
        AND c.started_at >= MOMENT_OF(SECONDS_OF(d.begins_at) - 6 * 3600) AND c.started_at < d.ends_at
        AND c.direction <> 'internal' AND c.ended_at > c.started_at AND c.ended_at > d.begins_at
),

moves AS (
    SELECT day, begins, ends, line, started AS at_second, 1 AS step, ended - started AS held_seconds FROM held
    UNION ALL
    SELECT day, begins, ends, line, ended AS at_second, -1 AS step, 0 AS held_seconds FROM held
),

running AS (
    SELECT
        day,
        begins,
        ends,
        line,
        step,
        held_seconds,
        CASE WHEN step = 1 THEN at_second ELSE at_second - 1 END AS seen,
        SUM(step) OVER (PARTITION BY day, line ORDER BY at_second, step ROWS UNBOUNDED PRECEDING) AS on_line,
        SUM(step) OVER (PARTITION BY day ORDER BY at_second, step ROWS UNBOUNDED PRECEDING) AS in_all
    FROM moves
),

hours AS (
    SELECT
        day,
        begins,
        (seen - begins) / 3600 AS hour_number,
        line,
        SUM(CASE WHEN step = 1 THEN 1 ELSE 0 END) AS calls,
        SUM(held_seconds) AS held_seconds,
        MAX(CASE WHEN step = 1 THEN on_line ELSE on_line + 1 END) AS peak,
        MAX(CASE WHEN step = 1 THEN in_all ELSE in_all + 1 END) AS peak_in_all
    FROM running
    WHERE seen >= begins AND seen < ends
    GROUP BY day, begins, hour_number, line
)

SELECT
    day,
    MOMENT_OF(begins + hour_number * 3600) AS hour_at,
    line,
    calls,
    held_seconds,
    peak
FROM hours
UNION ALL
SELECT
    day,
    MOMENT_OF(begins + hour_number * 3600) AS hour_at,
    '*' AS line,
    SUM(calls) AS calls,
    SUM(held_seconds) AS held_seconds,
    MAX(peak_in_all) AS peak
FROM hours
GROUP BY day, begins, hour_number
