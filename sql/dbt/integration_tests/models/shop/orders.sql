-- Lines of orders. On 2025-02-25 the mugs' prices came a hundred times too high (cents were taken for euros);
-- on 2025-02-26 the app could not take orders for half of the day.
WITH chances AS (
  SELECT
    calendar.day, calendar.number, calendar.weekday, customers.customer_id, customers.country, products.product_id, products.price,
    {{ draw('calendar.number', 'customers.customer_id', 'products.product_id') }} AS chance,
    {{ draw('customers.customer_id', 'calendar.number', 'products.product_id') }} AS other_chance
  FROM {{ ref('calendar') }} AS calendar
  CROSS JOIN {{ ref('customers') }} AS customers
  CROSS JOIN {{ ref('products') }} AS products
)
SELECT
  number * 10000 + customer_id * 10 + product_id AS order_id, day,
  {{ dbt.dateadd('second', '86 * other_chance', 'CAST(day AS TIMESTAMP)') }} AS ordered_at,
  customer_id, country, 1 + MOD(customer_id + number, 5) AS store_id, product_id, 1 + MOD(other_chance, 4) AS items,
  price * (90 + MOD(chance, 21)) * CASE WHEN product_id = 3 AND {{ incident('2025-02-25') }} THEN 100 ELSE 1 END AS unit_cents
FROM chances
WHERE chance < CASE WHEN weekday < 6 THEN 400 ELSE 250 END
  AND NOT ({{ incident('2025-02-26') }} AND other_chance < 500)
