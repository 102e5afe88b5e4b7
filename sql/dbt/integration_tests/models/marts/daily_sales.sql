SELECT orders.day, orders.store_id, COUNT(*) AS orders, SUM(orders.items * orders.unit_cents) AS cents
FROM {{ ref('orders') }} AS orders
GROUP BY orders.day, orders.store_id
