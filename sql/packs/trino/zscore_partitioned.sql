-- SELECT id, store,
--        anomaly_score(amount, items, detector => 'zscore') OVER (PARTITION BY store) AS score,
--        is_anomaly(amount, items, detector => 'zscore') OVER (PARTITION BY store) AS alert,
--        anomaly_reason(amount, items, detector => 'zscore') OVER (PARTITION BY store) AS reason,
--        anomaly_status(amount, items, detector => 'zscore') OVER (PARTITION BY store) AS status
-- FROM orders
-- ORDER BY id
/* sqlnomaly 0.1.0: zscore(amount, items); ddof = 1, direction = both, min_rows = 3 */
WITH source AS (
  SELECT
    id,
    store,
    CASE WHEN ABS(amount) <= 1e+150 THEN amount END AS _sn_amount,
    amount AS _sn_amount__raw,
    CAST(items AS DOUBLE) AS _sn_items,
    store AS _sn__key1
  FROM orders
), baseline AS (
  SELECT
    _sn__key1,
    COUNT(_sn_amount) AS _sn_amount__n,
    AVG(_sn_amount) AS _sn_amount__mean,
    VAR_POP(_sn_amount) * COUNT(_sn_amount) AS _sn_amount__m2,
    MIN(_sn_amount) AS _sn_amount__low,
    MAX(_sn_amount) AS _sn_amount__high,
    COUNT(_sn_items) AS _sn_items__n,
    AVG(_sn_items) AS _sn_items__mean,
    VAR_POP(_sn_items) * COUNT(_sn_items) AS _sn_items__m2,
    MIN(_sn_items) AS _sn_items__low,
    MAX(_sn_items) AS _sn_items__high
  FROM source
  GROUP BY
    _sn__key1
), model AS (
  SELECT
    *,
    CASE
      WHEN _sn_amount__low = _sn_amount__high
      THEN _sn_amount__low
      ELSE _sn_amount__mean
    END AS _sn_amount__centre,
    CASE
      WHEN _sn_amount__low < _sn_amount__high
      AND CAST(_sn_amount__m2 AS DOUBLE) / NULLIF(_sn_amount__n - 1, 0.0e0) > 1e-300
      THEN SQRT(
        CASE
          WHEN CAST(_sn_amount__m2 AS DOUBLE) / NULLIF(_sn_amount__n - 1, 0.0e0) >= 0.0e0
          THEN CAST(_sn_amount__m2 AS DOUBLE) / NULLIF(_sn_amount__n - 1, 0.0e0)
        END
      )
      ELSE 0.0e0
    END AS _sn_amount__scale,
    CASE
      WHEN _sn_items__low = _sn_items__high
      THEN _sn_items__low
      ELSE _sn_items__mean
    END AS _sn_items__centre,
    CASE
      WHEN _sn_items__low < _sn_items__high
      AND CAST(_sn_items__m2 AS DOUBLE) / NULLIF(_sn_items__n - 1, 0.0e0) > 1e-300
      THEN SQRT(
        CASE
          WHEN CAST(_sn_items__m2 AS DOUBLE) / NULLIF(_sn_items__n - 1, 0.0e0) >= 0.0e0
          THEN CAST(_sn_items__m2 AS DOUBLE) / NULLIF(_sn_items__n - 1, 0.0e0)
        END
      )
      ELSE 0.0e0
    END AS _sn_items__scale
  FROM baseline
), terms AS (
  SELECT
    source.*,
    model._sn_amount__n,
    model._sn_amount__scale,
    model._sn_items__n,
    model._sn_items__scale,
    CASE
      WHEN model._sn_amount__n >= 3
      THEN CASE
        WHEN model._sn_amount__scale > 0.0e0
        THEN CAST(ABS(source._sn_amount - model._sn_amount__centre) AS DOUBLE) / NULLIF(model._sn_amount__scale, 0.0e0)
        WHEN source._sn_amount = model._sn_amount__centre
        THEN 0.0e0
      END
    END AS _sn_amount__term,
    CASE
      WHEN model._sn_items__n >= 3
      THEN CASE
        WHEN model._sn_items__scale > 0.0e0
        THEN CAST(ABS(source._sn_items - model._sn_items__centre) AS DOUBLE) / NULLIF(model._sn_items__scale, 0.0e0)
        WHEN source._sn_items = model._sn_items__centre
        THEN 0.0e0
      END
    END AS _sn_items__term
  FROM source
  LEFT JOIN model
    ON source._sn__key1 IS NOT DISTINCT FROM model._sn__key1
), scored AS (
  SELECT
    *,
    CASE
      WHEN NOT _sn_amount__term IS NULL AND NOT _sn_items__term IS NULL
      THEN GREATEST(_sn_amount__term, _sn_items__term)
    END AS _sn__score
  FROM terms
)
SELECT
  id,
  store,
  _sn__score AS score,
  _sn__score > 3.000000003e0 AS alert,
  CASE
    WHEN _sn__score IS NULL
    THEN NULL
    WHEN _sn_amount__term >= _sn__score - (
      1e-09 * GREATEST(1.0e0, ABS(_sn__score))
    )
    THEN 'amount'
    WHEN _sn_items__term >= _sn__score - (
      1e-09 * GREATEST(1.0e0, ABS(_sn__score))
    )
    THEN 'items'
  END AS reason,
  CASE
    WHEN _sn_amount__raw IS NULL OR _sn_items IS NULL
    THEN 'missing_value'
    WHEN _sn_amount IS NULL OR _sn_items IS NULL
    THEN 'out_of_range'
    WHEN COALESCE(_sn_amount__n, 0) < 3 OR COALESCE(_sn_items__n, 0) < 3
    THEN 'too_few_rows'
    WHEN _sn__score IS NULL
    OR (
      _sn_amount__scale = 0.0e0 AND _sn_items__scale = 0.0e0
    )
    THEN 'constant_baseline'
    ELSE 'ok'
  END AS status
FROM scored
ORDER BY
  id
