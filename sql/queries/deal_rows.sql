-- The deals that were open, or whose invoice was unpaid, at some time since the period began, as they were then.
SELECT
    deal_id,
    number,
    title,
    manager_id,
    dispatcher_id,
    executor_id,
    coalesce(company_name, contact_name) AS client_name,
    amount,
    currency,
    requested_at,
    created_at,
    CASE WHEN ended_at <= :as_of THEN ended_at END AS ended_at,
    CASE WHEN ended_at <= :as_of THEN outcome END AS outcome,
    CASE WHEN issued_at <= :as_of THEN invoice_amount END AS invoice_amount,
    CASE WHEN paid_at <= :as_of THEN paid_at END AS paid_at
FROM deal_course
WHERE
    created_at <= :as_of
    AND (ended_at IS NULL OR ended_at >= :from OR (issued_at IS NOT NULL AND (paid_at IS NULL OR paid_at >= :from)))
ORDER BY created_at, deal_id
