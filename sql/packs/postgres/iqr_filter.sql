-- SELECT id, anomaly_score(amount, items, detector => 'iqr')
--              FILTER (WHERE NOT disputed) OVER (PARTITION BY store) AS score
-- FROM orders
/* sqlnomaly 0.1.0: iqr(amount, items); direction = both, min_rows = 4 */
WITH source AS (
  SELECT
    id,
    CASE WHEN ABS(amount) <= 1e+150 THEN amount END AS _sn_amount,
    CAST(items AS DOUBLE PRECISION) AS _sn_items,
    store AS _sn__key1,
    CASE WHEN NOT disputed THEN 1 ELSE 0 END AS _sn__fitted
  FROM orders
), quartiles AS (
  SELECT
    _sn__key1,
    COUNT(_sn_amount) AS _sn_amount__n,
    PERCENTILE_CONT(0.25e0) WITHIN GROUP (ORDER BY
      _sn_amount) AS _sn_amount__q1,
    PERCENTILE_CONT(0.75e0) WITHIN GROUP (ORDER BY
      _sn_amount) AS _sn_amount__q3,
    COUNT(_sn_items) AS _sn_items__n,
    PERCENTILE_CONT(0.25e0) WITHIN GROUP (ORDER BY
      _sn_items) AS _sn_items__q1,
    PERCENTILE_CONT(0.75e0) WITHIN GROUP (ORDER BY
      _sn_items) AS _sn_items__q3
  FROM source
  WHERE
    _sn__fitted = 1
  GROUP BY
    _sn__key1
), model AS (
  SELECT
    *,
    CASE
      WHEN _sn_amount__q3 - _sn_amount__q1 > 1e-150
      THEN _sn_amount__q3 - _sn_amount__q1
      ELSE CAST(0.0e0 AS DOUBLE PRECISION)
    END AS _sn_amount__scale,
    _sn_amount__q1 + (
      CAST(0.5e0 AS DOUBLE PRECISION) * (
        _sn_amount__q3 - _sn_amount__q1
      )
    ) AS _sn_amount__centre,
    CASE
      WHEN _sn_items__q3 - _sn_items__q1 > 1e-150
      THEN _sn_items__q3 - _sn_items__q1
      ELSE CAST(0.0e0 AS DOUBLE PRECISION)
    END AS _sn_items__scale,
    _sn_items__q1 + (
      CAST(0.5e0 AS DOUBLE PRECISION) * (
        _sn_items__q3 - _sn_items__q1
      )
    ) AS _sn_items__centre
  FROM quartiles
  OFFSET 0
), terms AS (
  SELECT
    source.*,
    CASE
      WHEN model._sn_amount__n >= 4
      THEN CASE
        WHEN model._sn_amount__scale > 0.0e0
        AND GREATEST(source._sn_amount - model._sn_amount__q3, model._sn_amount__q1 - source._sn_amount) > 0.0e0
        THEN CAST(GREATEST(source._sn_amount - model._sn_amount__q3, model._sn_amount__q1 - source._sn_amount) AS DOUBLE PRECISION) / NULLIF(model._sn_amount__scale, 0.0e0)
        WHEN model._sn_amount__scale > 0.0e0
        AND GREATEST(source._sn_amount - model._sn_amount__q3, model._sn_amount__q1 - source._sn_amount) <= 0.0e0
        THEN CAST(0.0e0 AS DOUBLE PRECISION)
        WHEN source._sn_amount = model._sn_amount__centre
        THEN CAST(0.0e0 AS DOUBLE PRECISION)
      END
    END AS _sn_amount__term,
    CASE
      WHEN model._sn_items__n >= 4
      THEN CASE
        WHEN model._sn_items__scale > 0.0e0
        AND GREATEST(source._sn_items - model._sn_items__q3, model._sn_items__q1 - source._sn_items) > 0.0e0
        THEN CAST(GREATEST(source._sn_items - model._sn_items__q3, model._sn_items__q1 - source._sn_items) AS DOUBLE PRECISION) / NULLIF(model._sn_items__scale, 0.0e0)
        WHEN model._sn_items__scale > 0.0e0
        AND GREATEST(source._sn_items - model._sn_items__q3, model._sn_items__q1 - source._sn_items) <= 0.0e0
        THEN CAST(0.0e0 AS DOUBLE PRECISION)
        WHEN source._sn_items = model._sn_items__centre
        THEN CAST(0.0e0 AS DOUBLE PRECISION)
      END
    END AS _sn_items__term
  FROM source
  LEFT JOIN model
    ON ARRAY[source._sn__key1] = ARRAY[model._sn__key1]
  OFFSET 0
), scored AS (
  SELECT
    *,
    CASE
      WHEN NOT _sn_amount__term IS NULL AND NOT _sn_items__term IS NULL
      THEN GREATEST(_sn_amount__term, _sn_items__term)
    END AS _sn__score
  FROM terms
  OFFSET 0
)
SELECT
  id,
  _sn__score AS score
FROM scored
