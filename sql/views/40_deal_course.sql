-- One row per deal, with its people, money and end. Times are UTC, amounts exact.
-- deal_id, number  row and public number
-- pipeline, stage, status_text   where it stands now
-- title            what it is about
-- manager_*, dispatcher_*, executor_*   who leads, plans and does the work, empty when not chosen
-- contact_name, company_name     the client; company_name is empty for a private person
-- amount, currency what the work costs
-- outcome          won, lost, cancelled, empty while open
-- requested_at     when the client asked, the lead's time, else the deal's own
-- created_at, stage_entered_at, ended_at   ended_at is empty while open
-- lead_id          empty when opened for a known client
-- invoice_number, invoice_amount, issued_at, paid_at   empty when there is no invoice, or it is not paid
SELECT
    d.id AS deal_id,
    d.number,
    d.pipeline,
    d.stage,
    d.status_text,
    d.title,
    d.manager_id,
    m.name AS manager_name,
    d.dispatcher_id,
    s.name AS dispatcher_name,
    d.executor_id,
    e.name AS executor_name,
    k.name AS contact_name,
    f.name AS company_name,
    d.amount,
    d.currency,
    d.outcome,
    coalesce(l.created_at, d.created_at) AS requested_at,
    d.created_at,
    d.stage_entered_at,
    d.ended_at,
    d.lead_id,
    i.number AS invoice_number,
    i.amount AS invoice_amount,
    i.issued_at,
    i.paid_at
FROM deal AS d
INNER JOIN contact AS k ON d.contact_id = k.id
LEFT JOIN company AS f ON d.company_id = f.id
LEFT JOIN person AS m ON d.manager_id = m.id
LEFT JOIN person AS s ON d.dispatcher_id = s.id
LEFT JOIN person AS e ON d.executor_id = e.id
LEFT JOIN lead AS l ON d.lead_id = l.id
LEFT JOIN
    invoice AS i
    ON i.id = (
        SELECT max(n.id)
        FROM invoice AS n
        WHERE n.deal_id = d.id AND n.cancelled_at IS NULL
    )
