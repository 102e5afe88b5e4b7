-- SELECT id, anomaly_score(amount, items, detector => 'zscore')
--              FILTER (WHERE NOT disputed) OVER (PARTITION BY store) AS score
-- FROM orders
/* sqlnomaly 0.1.0: zscore(amount, items); ddof = 1, direction = both, min_rows = 3 */
WITH source AS (
  SELECT
    id,
    CASE WHEN ABS(amount) <= 1e+150 THEN amount END AS _sn_amount,
    CAST(items AS DOUBLE PRECISION) AS _sn_items,
    store AS _sn__key1,
    CASE WHEN NOT disputed THEN 1 ELSE 0 END AS _sn__fitted
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
      AND CAST(_sn_amount__m2 AS DOUBLE PRECISION) / NULLIF(_sn_amount__n - 1, 0.0e0) > 1e-300
      THEN SQRT(
        CASE
          WHEN CAST(_sn_amount__m2 AS DOUBLE PRECISION) / NULLIF(_sn_amount__n - 1, 0.0e0) >= 0.0e0
          THEN CAST(_sn_amount__m2 AS DOUBLE PRECISION) / NULLIF(_sn_amount__n - 1, 0.0e0)
        END
      )
      ELSE CAST(0.0e0 AS DOUBLE PRECISION)
    END AS _sn_amount__scale,
    CASE
      WHEN _sn_items__low = _sn_items__high
      THEN _sn_items__low
      ELSE _sn_items__mean
    END AS _sn_items__centre,
    CASE
      WHEN _sn_items__low < _sn_items__high
      AND CAST(_sn_items__m2 AS DOUBLE PRECISION) / NULLIF(_sn_items__n - 1, 0.0e0) > 1e-300
      THEN SQRT(
        CASE
          WHEN CAST(_sn_items__m2 AS DOUBLE PRECISION) / NULLIF(_sn_items__n - 1, 0.0e0) >= 0.0e0
          THEN CAST(_sn_items__m2 AS DOUBLE PRECISION) / NULLIF(_sn_items__n - 1, 0.0e0)
        END
      )
      ELSE CAST(0.0e0 AS DOUBLE PRECISION)
    END AS _sn_items__scale
  FROM baseline
), terms AS (
  SELECT
    source.*,
    CASE
      WHEN model._sn_amount__n >= 3
      THEN CASE
        WHEN model._sn_amount__scale > 0.0e0
        THEN CAST(ABS(source._sn_amount - model._sn_amount__centre) AS DOUBLE PRECISION) / NULLIF(model._sn_amount__scale, 0.0e0)
        WHEN source._sn_amount = model._sn_amount__centre
        THEN CAST(0.0e0 AS DOUBLE PRECISION)
      END
    END AS _sn_amount__term,
    CASE
      WHEN model._sn_items__n >= 3
      THEN CASE
        WHEN model._sn_items__scale > 0.0e0
        THEN CAST(ABS(source._sn_items - model._sn_items__centre) AS DOUBLE PRECISION) / NULLIF(model._sn_items__scale, 0.0e0)
        WHEN source._sn_items = model._sn_items__centre
        THEN CAST(0.0e0 AS DOUBLE PRECISION)
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
      THEN GREATEST(_sn_amount__term, _sn_items__term)
    END AS _sn__score
  FROM terms
)
SELECT
  id,
  _sn__score AS score
FROM scored
