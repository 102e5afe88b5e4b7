-- SELECT id, store,
--        anomaly_score(amount, items, detector => 'percentile') OVER (PARTITION BY store) AS score,
--        is_anomaly(amount, items, detector => 'percentile') OVER (PARTITION BY store) AS alert,
--        anomaly_reason(amount, items, detector => 'percentile') OVER (PARTITION BY store) AS reason,
--        anomaly_status(amount, items, detector => 'percentile') OVER (PARTITION BY store) AS status
-- FROM orders
-- ORDER BY id
/* sqlnomaly 0.1.0: percentile(amount, items); lower = 0.01, upper = 0.99, direction = both, min_rows = 10 */
WITH source AS (
  SELECT
    id,
    store,
    CASE WHEN ABS(amount) <= 1e+150 THEN amount END AS _sn_amount,
    amount AS _sn_amount__raw,
    CAST(items AS DOUBLE) AS _sn_items,
    store AS _sn__key1
  FROM orders
), quantiles AS (
  SELECT
    _sn__key1,
    COUNT(_sn_amount) AS _sn_amount__n,
    LIST_EXTRACT(QUANTILE_CONT(_sn_amount, [0.01e0, 0.5e0, 0.99e0]), 1) AS _sn_amount__below,
    LIST_EXTRACT(QUANTILE_CONT(_sn_amount, [0.01e0, 0.5e0, 0.99e0]), 2) AS _sn_amount__centre,
    LIST_EXTRACT(QUANTILE_CONT(_sn_amount, [0.01e0, 0.5e0, 0.99e0]), 3) AS _sn_amount__above,
    COUNT(_sn_items) AS _sn_items__n,
    LIST_EXTRACT(QUANTILE_CONT(_sn_items, [0.01e0, 0.5e0, 0.99e0]), 1) AS _sn_items__below,
    LIST_EXTRACT(QUANTILE_CONT(_sn_items, [0.01e0, 0.5e0, 0.99e0]), 2) AS _sn_items__centre,
    LIST_EXTRACT(QUANTILE_CONT(_sn_items, [0.01e0, 0.5e0, 0.99e0]), 3) AS _sn_items__above
  FROM source
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
    model._sn_amount__n,
    model._sn_amount__scale,
    model._sn_items__n,
    model._sn_items__scale,
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
  store,
  _sn__score AS score,
  _sn__score > 1.000000001e0 AS alert,
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
    WHEN COALESCE(_sn_amount__n, 0) < 10 OR COALESCE(_sn_items__n, 0) < 10
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
