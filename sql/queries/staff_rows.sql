-- Everybody on the staff, with their roles one row each.
SELECT
    p.id AS person_id,
    p.key AS person_key,
    p.name AS person_name,
    p.is_active,
    m.role
FROM person AS p
LEFT JOIN role_member AS m ON m.person_id = p.id
ORDER BY p.id, m.role
