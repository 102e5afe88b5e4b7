-- SELECT id, anomaly_score(amount, items, detector => 'percentile')
--              FILTER (WHERE NOT disputed) OVER (PARTITION BY store) AS score
-- FROM orders
/* sqlnomaly 0.1.0: percentile(amount, items); lower = 0.01, upper = 0.99, direction = both, min_rows = 10 */
WITH source AS (
  SELECT
    id,
    CASE WHEN ABS(amount) <= 1e+150 THEN amount END AS _sn_amount,
    CAST(items AS FLOAT64) AS _sn_items,
    store AS _sn__key1,
    CASE WHEN NOT disputed THEN 1 ELSE 0 END AS _sn__fitted
  FROM orders
), quantiles_quantiles AS (
  SELECT
    *,
    PERCENTILE_CONT(CASE WHEN _sn__fitted = 1 THEN _sn_amount END, 0.01e0) OVER (PARTITION BY _sn__key1) AS _sn_amount__below_each,
    PERCENTILE_CONT(CASE WHEN _sn__fitted = 1 THEN _sn_amount END, 0.5e0) OVER (PARTITION BY _sn__key1) AS _sn_amount__centre_each,
    PERCENTILE_CONT(CASE WHEN _sn__fitted = 1 THEN _sn_amount END, 0.99e0) OVER (PARTITION BY _sn__key1) AS _sn_amount__above_each,
    PERCENTILE_CONT(CASE WHEN _sn__fitted = 1 THEN _sn_items END, 0.01e0) OVER (PARTITION BY _sn__key1) AS _sn_items__below_each,
    PERCENTILE_CONT(CASE WHEN _sn__fitted = 1 THEN _sn_items END, 0.5e0) OVER (PARTITION BY _sn__key1) AS _sn_items__centre_each,
    PERCENTILE_CONT(CASE WHEN _sn__fitted = 1 THEN _sn_items END, 0.99e0) OVER (PARTITION BY _sn__key1) AS _sn_items__above_each
  FROM source
), quantiles AS (
  SELECT
    _sn__key1,
    COUNT(_sn_amount) AS _sn_amount__n,
    MIN(_sn_amount__below_each) AS _sn_amount__below,
    MIN(_sn_amount__centre_each) AS _sn_amount__centre,
    MIN(_sn_amount__above_each) AS _sn_amount__above,
    COUNT(_sn_items) AS _sn_items__n,
    MIN(_sn_items__below_each) AS _sn_items__below,
    MIN(_sn_items__centre_each) AS _sn_items__centre,
    MIN(_sn_items__above_each) AS _sn_items__above
  FROM quantiles_quantiles
  WHERE
    _sn__fitted = 1
  GROUP BY
    _sn__key1
), widths AS (
  SELECT
    *,
    CASE
      WHEN _sn_amount__above - _sn_amount__below > 1e-150
      THEN _sn_amount__above - _sn_amount__below
      ELSE 0.0e0
    END AS _sn_amount__scale,
    CASE
      WHEN _sn_items__above - _sn_items__below > 1e-150
      THEN _sn_items__above - _sn_items__below
      ELSE 0.0e0
    END AS _sn_items__scale
  FROM quantiles
), model AS (
  SELECT
    *,
    CASE
      WHEN _sn_amount__above - _sn_amount__centre > 1e-150
      THEN _sn_amount__above - _sn_amount__centre
      ELSE _sn_amount__scale
    END AS _sn_amount__up,
    CASE
      WHEN _sn_amount__centre - _sn_amount__below > 1e-150
      THEN _sn_amount__centre - _sn_amount__below
      ELSE _sn_amount__scale
    END AS _sn_amount__down,
    CASE
      WHEN _sn_items__above - _sn_items__centre > 1e-150
      THEN _sn_items__above - _sn_items__centre
      ELSE _sn_items__scale
    END AS _sn_items__up,
    CASE
      WHEN _sn_items__centre - _sn_items__below > 1e-150
      THEN _sn_items__centre - _sn_items__below
      ELSE _sn_items__scale
    END AS _sn_items__down
  FROM widths
), terms AS (
  SELECT
    source.*,
    CASE
      WHEN model._sn_amount__n >= 10
      THEN CASE
        WHEN NOT source._sn_amount IS NULL AND model._sn_amount__scale > 0.0e0
        THEN GREATEST(
          (
            source._sn_amount - model._sn_amount__centre
          ) / NULLIF(model._sn_amount__up, 0.0e0),
          (
            model._sn_amount__centre - source._sn_amount
          ) / NULLIF(model._sn_amount__down, 0.0e0)
        )
        WHEN source._sn_amount = model._sn_amount__centre
        THEN 0.0e0
      END
    END AS _sn_amount__term,
    CASE
      WHEN model._sn_items__n >= 10
      THEN CASE
        WHEN NOT source._sn_items IS NULL AND model._sn_items__scale > 0.0e0
        THEN GREATEST(
          (
            source._sn_items - model._sn_items__centre
          ) / NULLIF(model._sn_items__up, 0.0e0),
          (
            model._sn_items__centre - source._sn_items
          ) / NULLIF(model._sn_items__down, 0.0e0)
        )
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
  _sn__score AS score
FROM scored
