-- SELECT id, store,
--        anomaly_score(amount, items, detector => 'double_mad') OVER (PARTITION BY store) AS score,
--        is_anomaly(amount, items, detector => 'double_mad') OVER (PARTITION BY store) AS alert,
--        anomaly_reason(amount, items, detector => 'double_mad') OVER (PARTITION BY store) AS reason,
--        anomaly_status(amount, items, detector => 'double_mad') OVER (PARTITION BY store) AS status
-- FROM orders
-- ORDER BY id
/* sqlnomaly 0.1.0: double_mad(amount, items); direction = both, min_rows = 3 */
WITH source AS (
  SELECT
    id,
    store,
    CASE WHEN ABS(amount) <= 1e+150 THEN amount END AS _sn_amount,
    amount AS _sn_amount__raw,
    CAST(items AS DOUBLE) AS _sn_items,
    store AS _sn__key1
  FROM orders
), centre AS (
  SELECT
    _sn__key1,
    COUNT(_sn_amount) AS _sn_amount__n,
    PERCENTILE_CONT(0.5e0) WITHIN GROUP (ORDER BY
      _sn_amount) AS _sn_amount__centre,
    COUNT(_sn_items) AS _sn_items__n,
    PERCENTILE_CONT(0.5e0) WITHIN GROUP (ORDER BY
      _sn_items) AS _sn_items__centre
  FROM source
  GROUP BY
    _sn__key1
), spread AS (
  SELECT
    source._sn__key1,
    MIN(centre._sn_amount__n) AS _sn_amount__n,
    MIN(centre._sn_amount__centre) AS _sn_amount__centre,
    MIN(centre._sn_items__n) AS _sn_items__n,
    MIN(centre._sn_items__centre) AS _sn_items__centre,
    PERCENTILE_CONT(0.5e0) WITHIN GROUP (ORDER BY
      CASE
        WHEN source._sn_amount >= centre._sn_amount__centre
        THEN source._sn_amount - centre._sn_amount__centre
      END) AS _sn_amount__mad_above,
    PERCENTILE_CONT(0.5e0) WITHIN GROUP (ORDER BY
      CASE
        WHEN source._sn_amount <= centre._sn_amount__centre
        THEN centre._sn_amount__centre - source._sn_amount
      END) AS _sn_amount__mad_below,
    PERCENTILE_CONT(0.5e0) WITHIN GROUP (ORDER BY
      CASE
        WHEN source._sn_items >= centre._sn_items__centre
        THEN source._sn_items - centre._sn_items__centre
      END) AS _sn_items__mad_above,
    PERCENTILE_CONT(0.5e0) WITHIN GROUP (ORDER BY
      CASE
        WHEN source._sn_items <= centre._sn_items__centre
        THEN centre._sn_items__centre - source._sn_items
      END) AS _sn_items__mad_below
  FROM source
  LEFT JOIN centre
    ON source._sn__key1 IS NOT DISTINCT FROM centre._sn__key1
  GROUP BY
    source._sn__key1
), sides AS (
  SELECT
    *,
    CASE
      WHEN _sn_amount__mad_above / NULLIF(CAST(0.6744897501960817e0 AS DOUBLE), 0.0e0) > 1e-150
      THEN _sn_amount__mad_above / NULLIF(CAST(0.6744897501960817e0 AS DOUBLE), 0.0e0)
      ELSE CAST(0.0e0 AS DOUBLE)
    END AS _sn_amount__above,
    CASE
      WHEN _sn_amount__mad_below / NULLIF(CAST(0.6744897501960817e0 AS DOUBLE), 0.0e0) > 1e-150
      THEN _sn_amount__mad_below / NULLIF(CAST(0.6744897501960817e0 AS DOUBLE), 0.0e0)
      ELSE CAST(0.0e0 AS DOUBLE)
    END AS _sn_amount__below,
    CASE
      WHEN _sn_items__mad_above / NULLIF(CAST(0.6744897501960817e0 AS DOUBLE), 0.0e0) > 1e-150
      THEN _sn_items__mad_above / NULLIF(CAST(0.6744897501960817e0 AS DOUBLE), 0.0e0)
      ELSE CAST(0.0e0 AS DOUBLE)
    END AS _sn_items__above,
    CASE
      WHEN _sn_items__mad_below / NULLIF(CAST(0.6744897501960817e0 AS DOUBLE), 0.0e0) > 1e-150
      THEN _sn_items__mad_below / NULLIF(CAST(0.6744897501960817e0 AS DOUBLE), 0.0e0)
      ELSE CAST(0.0e0 AS DOUBLE)
    END AS _sn_items__below
  FROM spread
), model AS (
  SELECT
    *,
    GREATEST(_sn_amount__above, _sn_amount__below) AS _sn_amount__scale,
    GREATEST(_sn_items__above, _sn_items__below) AS _sn_items__scale
  FROM sides
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
        WHEN source._sn_amount = model._sn_amount__centre
        THEN CAST(0.0e0 AS DOUBLE)
        WHEN source._sn_amount > model._sn_amount__centre AND model._sn_amount__above > 0.0e0
        THEN (
          source._sn_amount - model._sn_amount__centre
        ) / NULLIF(model._sn_amount__above, 0.0e0)
        WHEN source._sn_amount < model._sn_amount__centre AND model._sn_amount__below > 0.0e0
        THEN (
          model._sn_amount__centre - source._sn_amount
        ) / NULLIF(model._sn_amount__below, 0.0e0)
      END
    END AS _sn_amount__term,
    CASE
      WHEN model._sn_items__n >= 3
      THEN CASE
        WHEN source._sn_items = model._sn_items__centre
        THEN CAST(0.0e0 AS DOUBLE)
        WHEN source._sn_items > model._sn_items__centre AND model._sn_items__above > 0.0e0
        THEN (
          source._sn_items - model._sn_items__centre
        ) / NULLIF(model._sn_items__above, 0.0e0)
        WHEN source._sn_items < model._sn_items__centre AND model._sn_items__below > 0.0e0
        THEN (
          model._sn_items__centre - source._sn_items
        ) / NULLIF(model._sn_items__below, 0.0e0)
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
  _sn__score > 3.5000000035e0 AS alert,
  CASE
    WHEN _sn__score IS NULL
    THEN NULL
    WHEN _sn_amount__term >= _sn__score - (
      CAST(1e-09 AS DOUBLE) * GREATEST(CAST(1.0e0 AS DOUBLE), ABS(_sn__score))
    )
    THEN 'amount'
    WHEN _sn_items__term >= _sn__score - (
      CAST(1e-09 AS DOUBLE) * GREATEST(CAST(1.0e0 AS DOUBLE), ABS(_sn__score))
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
