-- SELECT id, anomaly_score(amount, items, detector => 'zscore')
--              FILTER (WHERE NOT disputed) OVER (PARTITION BY store) AS score
-- FROM orders
/* sqlnomaly 0.1.0: zscore(amount, items); ddof = 1, direction = both, min_rows = 3 */
WITH source AS (
  SELECT
    id AS id,
    CASE WHEN ABS(amount) <= 1e+150 THEN amount END AS _sn_amount,
    CAST(items AS FLOAT) AS _sn_items,
    store AS _sn__key1,
    CASE WHEN NOT disputed = 1 THEN 1 ELSE 0 END AS _sn__fitted
  FROM orders
), pivots AS (
  SELECT
    *,
    AVG(CASE WHEN _sn__fitted = 1 THEN _sn_amount END) OVER (PARTITION BY _sn__key1) AS _sn__baseline_pivot1,
    AVG(CASE WHEN _sn__fitted = 1 THEN _sn_items END) OVER (PARTITION BY _sn__key1) AS _sn__baseline_pivot2
  FROM source
), baseline AS (
  SELECT
    _sn__key1 AS _sn__key1,
    COUNT_BIG(_sn_amount) AS _sn_amount__n,
    AVG(_sn_amount) AS _sn_amount__mean,
    VARP(_sn_amount - _sn__baseline_pivot1) * COUNT_BIG(_sn_amount) AS _sn_amount__m2,
    MIN(_sn_amount) AS _sn_amount__low,
    MAX(_sn_amount) AS _sn_amount__high,
    COUNT_BIG(_sn_items) AS _sn_items__n,
    AVG(_sn_items) AS _sn_items__mean,
    VARP(_sn_items - _sn__baseline_pivot2) * COUNT_BIG(_sn_items) AS _sn_items__m2,
    MIN(_sn_items) AS _sn_items__low,
    MAX(_sn_items) AS _sn_items__high
  FROM pivots
  WHERE
    _sn__fitted = 1
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
      AND CAST(_sn_amount__m2 AS FLOAT) / NULLIF(_sn_amount__n - 1, 0.0e0) > 1e-300
      THEN SQRT(
        CASE
          WHEN CAST(_sn_amount__m2 AS FLOAT) / NULLIF(_sn_amount__n - 1, 0.0e0) >= 0.0e0
          THEN CAST(_sn_amount__m2 AS FLOAT) / NULLIF(_sn_amount__n - 1, 0.0e0)
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
      AND CAST(_sn_items__m2 AS FLOAT) / NULLIF(_sn_items__n - 1, 0.0e0) > 1e-300
      THEN SQRT(
        CASE
          WHEN CAST(_sn_items__m2 AS FLOAT) / NULLIF(_sn_items__n - 1, 0.0e0) >= 0.0e0
          THEN CAST(_sn_items__m2 AS FLOAT) / NULLIF(_sn_items__n - 1, 0.0e0)
        END
      )
      ELSE 0.0e0
    END AS _sn_items__scale
  FROM baseline
), terms AS (
  SELECT
    source.*,
    CASE
      WHEN model._sn_amount__n >= 3
      THEN CASE
        WHEN model._sn_amount__scale > 0.0e0
        THEN CAST(ABS(source._sn_amount - model._sn_amount__centre) AS FLOAT) / NULLIF(model._sn_amount__scale, 0.0e0)
        WHEN source._sn_amount = model._sn_amount__centre
        THEN 0.0e0
      END
    END AS _sn_amount__term,
    CASE
      WHEN model._sn_items__n >= 3
      THEN CASE
        WHEN model._sn_items__scale > 0.0e0
        THEN CAST(ABS(source._sn_items - model._sn_items__centre) AS FLOAT) / NULLIF(model._sn_items__scale, 0.0e0)
        WHEN source._sn_items = model._sn_items__centre
        THEN 0.0e0
      END
    END AS _sn_items__term
  FROM source
  LEFT JOIN model
    ON (
      source._sn__key1 = model._sn__key1
      OR (
        source._sn__key1 IS NULL AND model._sn__key1 IS NULL
      )
    )
), scored AS (
  SELECT
    *,
    CASE
      WHEN NOT _sn_amount__term IS NULL AND NOT _sn_items__term IS NULL
      THEN CASE
        WHEN _sn_amount__term >= _sn_items__term
        THEN _sn_amount__term
        ELSE _sn_items__term
      END
    END AS _sn__score
  FROM terms
)
SELECT
  id,
  _sn__score AS score
FROM scored
