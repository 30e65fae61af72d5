-- The stale days are current now.
UPDATE fact_day SET
    is_stale = FALSE,
    computed_at = :now,
    call_count = (
        SELECT COUNT(*) FROM call AS c
        WHERE c.started_at >= fact_day.begins_at AND c.started_at < fact_day.ends_at
    ),
    last_ended_at = (
        SELECT MAX(c.ended_at) FROM call AS c
        WHERE c.started_at >= fact_day.begins_at AND c.started_at < fact_day.ends_at
    )
WHERE is_stale AND day BETWEEN :first AND :last
