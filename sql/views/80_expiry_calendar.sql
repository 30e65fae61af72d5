-- One row per certificate, policy, licence and the like, with its end and the last reminder about it.
-- register_entry_id    row of the table register_entry
-- register, number, title   which paper
-- contact_name, company_name   the holder; company_name is empty for a private person
-- responsible_name     who answers for it, empty when the register's role does
-- issued_on, valid_until_on    calendar days, the last day of validity included
-- term_version         grows with every renewal
-- last_stage_days      the most urgent step of this term that was reached, days before the end (negative, after it),
--                      empty when nobody was reminded yet
-- last_planned_at      when a reminder of this term was last planned, UTC
-- reminder_count       reminders of this term that went to the outbox
SELECT
    r.id AS register_entry_id,
    r.register,
    r.number,
    r.title,
    k.name AS contact_name,
    f.name AS company_name,
    p.name AS responsible_name,
    r.issued_on,
    r.valid_until AS valid_until_on,
    r.term_version,
    min(m.stage_days) AS last_stage_days,
    max(m.planned_at) AS last_planned_at,
    count(m.outbox_id) AS reminder_count
FROM register_entry AS r
LEFT JOIN contact AS k ON r.contact_id = k.id
LEFT JOIN company AS f ON r.company_id = f.id
LEFT JOIN person AS p ON r.responsible_id = p.id
LEFT JOIN reminder AS m ON m.register_entry_id = r.id AND m.term_version = r.term_version
WHERE r.is_active
GROUP BY r.id, r.register, r.number, r.title, k.name, f.name, p.name, r.issued_on, r.valid_until, r.term_version
