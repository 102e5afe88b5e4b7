-- Visits of the site. On 2025-02-27 robots came by way of Portugal; from 2025-02-23 on the pages became slower every day.
WITH chances AS (
  SELECT
    calendar.day, calendar.number, customers.customer_id, customers.country, slots.slot,
    {{ draw('calendar.number', 'customers.customer_id', 'slots.slot') }} AS chance,
    {{ draw('customers.customer_id', 'slots.slot', 'calendar.number') }} AS other_chance
  FROM {{ ref('calendar') }} AS calendar
  CROSS JOIN {{ ref('customers') }} AS customers
  CROSS JOIN (SELECT number AS slot FROM {{ ref('calendar') }} WHERE number <= 20) AS slots
)
SELECT
  number * 10000 + customer_id * 100 + slot AS visit_id, day,
  {{ dbt.dateadd('second', '86 * other_chance', 'CAST(day AS TIMESTAMP)') }} AS visited_at,
  customer_id, country, CASE WHEN MOD(other_chance, 10) < 6 THEN 'phone' WHEN MOD(other_chance, 10) < 9 THEN 'desktop' ELSE 'tablet' END AS device,
  200 + MOD(chance, 300) + CASE WHEN {{ incident('2025-02-23', '>=') }} THEN 40 * (number - 53) ELSE 0 END AS milliseconds
FROM chances
WHERE chance < 500 AND (slot <= 4 OR (country = 'PT' AND {{ incident('2025-02-27') }}))
