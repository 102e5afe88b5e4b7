-- What each store has of each product, counted every evening; nobody counted on 2025-02-28.
SELECT
  calendar.day, stores.store_id, products.product_id,
  20 + MOD({{ draw('calendar.number', 'stores.store_id', 'products.product_id') }}, 30) AS pieces
FROM {{ ref('calendar') }} AS calendar
CROSS JOIN {{ ref('stores') }} AS stores
CROSS JOIN {{ ref('products') }} AS products
WHERE NOT ({{ incident('2025-02-28') }})
