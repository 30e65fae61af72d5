-- One row per lead and its way through the office. Times are UTC.
-- lead_id, number  row and public number
-- channel          mail, call; origin_key names the very item that made it
-- status           new, in_work, qualified, converted, junk, as it is now
-- title, person_name   what was asked and by whom, as it was written
-- responsible_id, responsible_name   who works on it, empty when nobody could be assigned
-- created_at       when the office received it
-- take_due_at      until when it should be taken into work
-- taken_at, qualified_at   empty when not done
-- ended_at         when it was converted or set to junk, empty while open
-- deal_id, deal_number     the deal it became, empty when none
SELECT
    l.id AS lead_id,
    l.number,
    l.channel,
    l.origin_key,
    l.status,
    l.title,
    l.person_name,
    l.responsible_id,
    p.name AS responsible_name,
    l.created_at,
    l.take_due_at,
    l.taken_at,
    l.qualified_at,
    l.ended_at,
    d.id AS deal_id,
    d.number AS deal_number
FROM lead AS l
LEFT JOIN person AS p ON l.responsible_id = p.id
LEFT JOIN deal AS d ON d.lead_id = l.id
