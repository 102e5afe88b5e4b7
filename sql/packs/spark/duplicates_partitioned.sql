-- SELECT id, store,
--        anomaly_score(amount, items, detector => 'duplicates') OVER (PARTITION BY store) AS score,
--        is_anomaly(amount, items, detector => 'duplicates') OVER (PARTITION BY store) AS alert,
--        anomaly_reason(amount, items, detector => 'duplicates') OVER (PARTITION BY store) AS reason,
--        anomaly_status(amount, items, detector => 'duplicates') OVER (PARTITION BY store) AS status
-- FROM orders
-- ORDER BY id
/* sqlnomaly 0.1.0: duplicates(amount, items); min_rows = 1 */
WITH source AS (
  SELECT
    id,
    store,
    CASE WHEN ABS(amount) <= 1e+150 THEN amount END AS _sn_amount,
    amount AS _sn_amount__raw,
    CAST(items AS DOUBLE) AS _sn_items,
    store AS _sn__key1
  FROM orders
), places AS (
  SELECT
    *,
    DENSE_RANK() OVER (
      PARTITION BY _sn__key1
      ORDER BY COALESCE(_sn_amount, 1e+300), COALESCE(_sn_items, 1e+300)
    ) AS _sn_amount__place
  FROM source
), copies AS (
  SELECT
    *,
    SUM(CASE WHEN NOT _sn_amount IS NULL AND NOT _sn_items IS NULL THEN 1 ELSE 0 END) OVER (PARTITION BY _sn__key1, _sn_amount__place) AS _sn_amount__copies,
    SUM(CASE WHEN NOT _sn_amount IS NULL AND NOT _sn_items IS NULL THEN 1 ELSE 0 END) OVER (PARTITION BY _sn__key1) AS _sn_amount__n,
    1.0e0 AS _sn_amount__scale,
    SUM(CASE WHEN NOT _sn_amount IS NULL AND NOT _sn_items IS NULL THEN 1 ELSE 0 END) OVER (PARTITION BY _sn__key1) AS _sn_items__n,
    1.0e0 AS _sn_items__scale
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
    END AS _sn__score,
    CASE
      WHEN _sn_amount__n >= 1
      THEN CASE
        WHEN NOT _sn_amount IS NULL AND NOT _sn_items IS NULL
        THEN CAST(_sn_amount__copies AS DOUBLE)
      END / NULLIF(2.0e0, 0.0e0)
    END AS _sn_amount__term,
    CASE
      WHEN _sn_items__n >= 1
      THEN CASE
        WHEN NOT _sn_amount IS NULL AND NOT _sn_items IS NULL
        THEN CAST(_sn_amount__copies AS DOUBLE)
      END / NULLIF(2.0e0, 0.0e0)
    END AS _sn_items__term
  FROM copies
), largest AS (
  SELECT
    *,
    CASE
      WHEN NOT _sn_amount__term IS NULL AND NOT _sn_items__term IS NULL
      THEN GREATEST(_sn_amount__term, _sn_items__term)
    END AS _sn__best
  FROM scored
)
SELECT
  id,
  store,
  _sn__score AS score,
  _sn__score > 1.000000001e0 AS alert,
  CASE
    WHEN _sn__score IS NULL
    THEN NULL
    WHEN _sn_amount__term >= _sn__best - (
      1e-09 * GREATEST(1.0e0, ABS(_sn__best))
    )
    THEN 'amount'
    WHEN _sn_items__term >= _sn__best - (
      1e-09 * GREATEST(1.0e0, ABS(_sn__best))
    )
    THEN 'items'
  END AS reason,
  CASE
    WHEN _sn_amount__raw IS NULL OR _sn_items IS NULL
    THEN 'missing_value'
    WHEN _sn_amount IS NULL OR _sn_items IS NULL
    THEN 'out_of_range'
    WHEN COALESCE(_sn_amount__n, 0) < 1 OR COALESCE(_sn_items__n, 0) < 1
    THEN 'too_few_rows'
    WHEN _sn__score IS NULL OR (
      FALSE AND FALSE
    )
    THEN 'constant_baseline'
    ELSE 'ok'
  END AS status
FROM largest
ORDER BY
  id NULLS LAST
