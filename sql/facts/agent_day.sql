-- The stale days' conversations by employee, from their hours; who was there and on a break is added where it is known.
INSERT INTO fact_agent_day (day, person_id, answered, talk_seconds, made, reached, made_talk_seconds)
SELECT
    h.day,
    h.person_id,
    SUM(h.answered) AS answered,
    SUM(h.talk_seconds) AS talk_seconds,
    SUM(h.made) AS made,
    SUM(h.reached) AS reached,
    SUM(h.made_talk_seconds) AS made_talk_seconds
FROM fact_agent_hour AS h
INNER JOIN fact_day AS d ON h.day = d.day
WHERE d.is_stale AND d.day BETWEEN :first AND :last
GROUP BY h.day, h.person_id
