-- SELECT id, store,
--        anomaly_score(amount, items, detector => 'mad') OVER (PARTITION BY store) AS score,
--        is_anomaly(amount, items, detector => 'mad') OVER (PARTITION BY store) AS alert,
--        anomaly_reason(amount, items, detector => 'mad') OVER (PARTITION BY store) AS reason,
--        anomaly_status(amount, items, detector => 'mad') OVER (PARTITION BY store) AS status
-- FROM orders
-- ORDER BY id
/* sqlnomaly 0.1.0: mad(amount, items); direction = both, min_rows = 3 */
WITH source AS (
  SELECT
    id AS id,
    store AS store,
    CASE WHEN ABS(amount) <= 1e+150 THEN amount END AS _sn_amount,
    amount AS _sn_amount__raw,
    CAST(items AS FLOAT) AS _sn_items,
    store AS _sn__key1
  FROM orders
), centre_quantiles AS (
  SELECT
    *,
    PERCENTILE_CONT(0.5e0) WITHIN GROUP (ORDER BY
      _sn_amount) OVER (PARTITION BY _sn__key1) AS _sn_amount__centre_each,
    PERCENTILE_CONT(0.5e0) WITHIN GROUP (ORDER BY
      _sn_items) OVER (PARTITION BY _sn__key1) AS _sn_items__centre_each
  FROM source
), centre AS (
  SELECT
    _sn__key1 AS _sn__key1,
    COUNT_BIG(_sn_amount) AS _sn_amount__n,
    MIN(_sn_amount__centre_each) AS _sn_amount__centre,
    COUNT_BIG(_sn_items) AS _sn_items__n,
    MIN(_sn_items__centre_each) AS _sn_items__centre
  FROM centre_quantiles
  GROUP BY
    _sn__key1
), spread_quantiles AS (
  SELECT
    source.*,
    centre._sn_amount__centre AS _sn_amount__centre,
    centre._sn_amount__n AS _sn_amount__n,
    centre._sn_items__centre AS _sn_items__centre,
    centre._sn_items__n AS _sn_items__n,
    PERCENTILE_CONT(0.5e0) WITHIN GROUP (ORDER BY
      ABS(source._sn_amount - centre._sn_amount__centre)) OVER (PARTITION BY source._sn__key1) AS _sn_amount__mad_each,
    PERCENTILE_CONT(0.5e0) WITHIN GROUP (ORDER BY
      ABS(source._sn_items - centre._sn_items__centre)) OVER (PARTITION BY source._sn__key1) AS _sn_items__mad_each
  FROM source
  LEFT JOIN centre
    ON (
      source._sn__key1 = centre._sn__key1
      OR (
        source._sn__key1 IS NULL AND centre._sn__key1 IS NULL
      )
    )
), spread AS (
  SELECT
    _sn__key1 AS _sn__key1,
    MIN(_sn_amount__n) AS _sn_amount__n,
    MIN(_sn_amount__centre) AS _sn_amount__centre,
    MIN(_sn_items__n) AS _sn_items__n,
    MIN(_sn_items__centre) AS _sn_items__centre,
    MIN(_sn_amount__mad_each) AS _sn_amount__mad,
    MIN(_sn_items__mad_each) AS _sn_items__mad
  FROM spread_quantiles
  GROUP BY
    _sn__key1
), model AS (
  SELECT
    *,
    CASE
      WHEN CAST(_sn_amount__mad AS FLOAT) / NULLIF(0.6744897501960817e0, 0.0e0) > 1e-150
      THEN CAST(_sn_amount__mad AS FLOAT) / NULLIF(0.6744897501960817e0, 0.0e0)
      ELSE 0.0e0
    END AS _sn_amount__scale,
    CASE
      WHEN CAST(_sn_items__mad AS FLOAT) / NULLIF(0.6744897501960817e0, 0.0e0) > 1e-150
      THEN CAST(_sn_items__mad AS FLOAT) / NULLIF(0.6744897501960817e0, 0.0e0)
      ELSE 0.0e0
    END AS _sn_items__scale
  FROM spread
), terms AS (
  SELECT
    source.*,
    model._sn_amount__n AS _sn_amount__n,
    model._sn_amount__scale AS _sn_amount__scale,
    model._sn_items__n AS _sn_items__n,
    model._sn_items__scale AS _sn_items__scale,
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
  store,
  _sn__score AS score,
  CAST(CASE
    WHEN _sn__score > 3.5000000035e0
    THEN 1
    WHEN NOT _sn__score > 3.5000000035e0
    THEN 0
  END AS BIT) AS alert,
  CASE
    WHEN _sn__score IS NULL
    THEN NULL
    WHEN _sn_amount__term >= _sn__score - (
      1e-09 * CASE WHEN 1.0e0 >= ABS(_sn__score) THEN 1.0e0 ELSE ABS(_sn__score) END
    )
    THEN 'amount'
    WHEN _sn_items__term >= _sn__score - (
      1e-09 * CASE WHEN 1.0e0 >= ABS(_sn__score) THEN 1.0e0 ELSE ABS(_sn__score) END
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
  CASE WHEN id IS NULL THEN 1 ELSE 0 END, id
