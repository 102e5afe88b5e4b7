SELECT day, store_id, COUNT(*) AS sales, SUM(items * unit_cents) AS cents
FROM {{ ref('orders') }}
GROUP BY day, store_id
