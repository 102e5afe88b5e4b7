-- SELECT id, anomaly_score(amount, items, detector => 'duplicates')
--              FILTER (WHERE NOT disputed) OVER (PARTITION BY store) AS score
-- FROM orders
/* sqlnomaly 0.1.0: duplicates(amount, items); min_rows = 1 */
WITH source AS (
  SELECT
    id,
    CASE WHEN ABS(amount) <= 1e+150 THEN amount END AS _sn_amount,
    CAST(items AS DOUBLE) AS _sn_items,
    store AS _sn__key1,
    CASE WHEN NOT disputed THEN 1 ELSE 0 END AS _sn__fitted
  FROM orders
), places AS (
  SELECT
    *,
    DENSE_RANK() OVER (
      PARTITION BY _sn__key1
      ORDER BY COALESCE(_sn_amount, CAST(1e+300 AS DOUBLE)), COALESCE(_sn_items, CAST(1e+300 AS DOUBLE))
    ) AS _sn_amount__place
  FROM source
), copies AS (
  SELECT
    *,
    SUM(
      CASE
        WHEN NOT _sn_amount IS NULL AND NOT _sn_items IS NULL
        THEN _sn__fitted
        ELSE 0
      END
    ) OVER (PARTITION BY _sn__key1, _sn_amount__place) AS _sn_amount__copies,
    SUM(
      CASE
        WHEN NOT _sn_amount IS NULL AND NOT _sn_items IS NULL
        THEN _sn__fitted
        ELSE 0
      END
    ) OVER (PARTITION BY _sn__key1) AS _sn_amount__n,
    CAST(1.0e0 AS DOUBLE) AS _sn_amount__scale,
    SUM(
      CASE
        WHEN NOT _sn_amount IS NULL AND NOT _sn_items IS NULL
        THEN _sn__fitted
        ELSE 0
      END
    ) OVER (PARTITION BY _sn__key1) AS _sn_items__n,
    CAST(1.0e0 AS DOUBLE) AS _sn_items__scale
  FROM places
), scored AS (
  SELECT
    *,
    CASE
      WHEN _sn_amount__n >= 1
      THEN CASE
        WHEN NOT _sn_amount IS NULL AND NOT _sn_items IS NULL
        THEN CAST(_sn_amount__copies AS DOUBLE)
      END
    END AS _sn__score
  FROM copies
)
SELECT
  id,
  _sn__score AS score
FROM scored
