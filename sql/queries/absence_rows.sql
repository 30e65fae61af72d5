-- Who was away in the period, a row per absence; both days inclusive.
SELECT
    person_id,
    first_day AS first_on,
    last_day AS last_on
FROM absence
ORDER BY person_id, first_day
