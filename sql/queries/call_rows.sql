-- The calls that began in the period and had ended by the moment the report knows.
SELECT *
FROM call_fact
WHERE started_at >= :from AND started_at < :until AND ended_at <= :as_of
ORDER BY started_at, call_id
