-- SELECT id, anomaly_score(amount, items, detector => 'iqr')
--              FILTER (WHERE NOT disputed) OVER (PARTITION BY store) AS score
-- FROM orders
/* sqlnomaly 0.1.0: iqr(amount, items); direction = both, min_rows = 4 */
WITH source AS (
  SELECT
    id,
    CASE WHEN ABS(amount) <= 1e+150 THEN amount END AS _sn_amount,
    CAST(items AS Nullable(Float64)) AS _sn_items,
    store AS _sn__key1,
    CASE WHEN NOT disputed THEN 1 ELSE 0 END AS _sn__fitted
  FROM orders
), quartiles AS (
  SELECT
    _sn__key1,
    CAST(COUNT(_sn_amount) AS Nullable(Int64)) AS _sn_amount__n,
    quantileExactInclusive(0.25e0)(_sn_amount) AS _sn_amount__q1,
    quantileExactInclusive(0.75e0)(_sn_amount) AS _sn_amount__q3,
    CAST(COUNT(_sn_items) AS Nullable(Int64)) AS _sn_items__n,
    quantileExactInclusive(0.25e0)(_sn_items) AS _sn_items__q1,
    quantileExactInclusive(0.75e0)(_sn_items) AS _sn_items__q3
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
      ELSE 0.0e0
    END AS _sn_amount__scale,
    _sn_amount__q1 + (
      0.5e0 * (
        _sn_amount__q3 - _sn_amount__q1
      )
    ) AS _sn_amount__centre,
    CASE
      WHEN _sn_items__q3 - _sn_items__q1 > 1e-150
      THEN _sn_items__q3 - _sn_items__q1
      ELSE 0.0e0
    END AS _sn_items__scale,
    _sn_items__q1 + (
      0.5e0 * (
        _sn_items__q3 - _sn_items__q1
      )
    ) AS _sn_items__centre
  FROM quartiles
), terms AS (
  SELECT
    source.*,
    CASE
      WHEN model._sn_amount__n >= 4
      THEN CASE
        WHEN model._sn_amount__scale > 0.0e0
        AND GREATEST(source._sn_amount - model._sn_amount__q3, model._sn_amount__q1 - source._sn_amount) > 0.0e0
        THEN GREATEST(source._sn_amount - model._sn_amount__q3, model._sn_amount__q1 - source._sn_amount) / NULLIF(model._sn_amount__scale, 0.0e0)
        WHEN model._sn_amount__scale > 0.0e0
        AND GREATEST(source._sn_amount - model._sn_amount__q3, model._sn_amount__q1 - source._sn_amount) <= 0.0e0
        THEN 0.0e0
        WHEN source._sn_amount = model._sn_amount__centre
        THEN 0.0e0
      END
    END AS _sn_amount__term,
    CASE
      WHEN model._sn_items__n >= 4
      THEN CASE
        WHEN model._sn_items__scale > 0.0e0
        AND GREATEST(source._sn_items - model._sn_items__q3, model._sn_items__q1 - source._sn_items) > 0.0e0
        THEN GREATEST(source._sn_items - model._sn_items__q3, model._sn_items__q1 - source._sn_items) / NULLIF(model._sn_items__scale, 0.0e0)
        WHEN model._sn_items__scale > 0.0e0
        AND GREATEST(source._sn_items - model._sn_items__q3, model._sn_items__q1 - source._sn_items) <= 0.0e0
        THEN 0.0e0
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
      WHEN NOT (
        _sn_amount__term IS NULL
      ) AND NOT (
        _sn_items__term IS NULL
      )
      THEN GREATEST(_sn_amount__term, _sn_items__term)
    END AS _sn__score
  FROM terms
)
SELECT
  id,
  _sn__score AS score
FROM scored
SETTINGS query_plan_merge_expressions = 0
