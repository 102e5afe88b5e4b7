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
    id,
    store,
    CASE WHEN ABS(amount) <= 1e+150 THEN amount END AS _sn_amount,
    amount AS _sn_amount__raw,
    CAST(items AS DOUBLE PRECISION) AS _sn_items,
    store AS _sn__key1
  FROM orders
), centre AS (
  SELECT
    _sn__key1,
    COUNT(_sn_amount) AS _sn_amount__n,
    COUNT(_sn_items) AS _sn_items__n,
    PERCENTILE_CONT(0.5e0) WITHIN GROUP (ORDER BY
      _sn_amount) AS _sn_amount__centre
  FROM source
  GROUP BY
    _sn__key1
), centre_2 AS (
  SELECT
    _sn__key1,
    PERCENTILE_CONT(0.5e0) WITHIN GROUP (ORDER BY
      _sn_items) AS _sn_items__centre
  FROM source
  GROUP BY
    _sn__key1
), centre_to_2 AS (
  SELECT
    centre.*,
    centre_2._sn_items__centre
  FROM centre
  LEFT JOIN centre_2
    ON (
      centre._sn__key1 = centre_2._sn__key1
      OR (
        centre._sn__key1 IS NULL AND centre_2._sn__key1 IS NULL
      )
    )
), spread AS (
  SELECT
    source._sn__key1,
    MIN(centre_to_2._sn_amount__n) AS _sn_amount__n,
    MIN(centre_to_2._sn_amount__centre) AS _sn_amount__centre,
    MIN(centre_to_2._sn_items__n) AS _sn_items__n,
    MIN(centre_to_2._sn_items__centre) AS _sn_items__centre,
    PERCENTILE_CONT(0.5e0) WITHIN GROUP (ORDER BY
      ABS(source._sn_amount - centre_to_2._sn_amount__centre)) AS _sn_amount__mad
  FROM source
  LEFT JOIN centre_to_2
    ON (
      source._sn__key1 = centre_to_2._sn__key1
      OR (
        source._sn__key1 IS NULL AND centre_to_2._sn__key1 IS NULL
      )
    )
  GROUP BY
    source._sn__key1
), spread_2 AS (
  SELECT
    source._sn__key1,
    PERCENTILE_CONT(0.5e0) WITHIN GROUP (ORDER BY
      ABS(source._sn_items - centre_to_2._sn_items__centre)) AS _sn_items__mad
  FROM source
  LEFT JOIN centre_to_2
    ON (
      source._sn__key1 = centre_to_2._sn__key1
      OR (
        source._sn__key1 IS NULL AND centre_to_2._sn__key1 IS NULL
      )
    )
  GROUP BY
    source._sn__key1
), spread_to_2 AS (
  SELECT
    spread.*,
    spread_2._sn_items__mad
  FROM spread
  LEFT JOIN spread_2
    ON (
      spread._sn__key1 = spread_2._sn__key1
      OR (
        spread._sn__key1 IS NULL AND spread_2._sn__key1 IS NULL
      )
    )
), model AS (
  SELECT
    *,
    CASE
      WHEN CAST(_sn_amount__mad AS DOUBLE PRECISION) / NULLIF(CAST(0.6744897501960817e0 AS DOUBLE PRECISION), 0.0e0) > 1e-150
      THEN CAST(_sn_amount__mad AS DOUBLE PRECISION) / NULLIF(CAST(0.6744897501960817e0 AS DOUBLE PRECISION), 0.0e0)
      ELSE CAST(0.0e0 AS DOUBLE PRECISION)
    END AS _sn_amount__scale,
    CASE
      WHEN CAST(_sn_items__mad AS DOUBLE PRECISION) / NULLIF(CAST(0.6744897501960817e0 AS DOUBLE PRECISION), 0.0e0) > 1e-150
      THEN CAST(_sn_items__mad AS DOUBLE PRECISION) / NULLIF(CAST(0.6744897501960817e0 AS DOUBLE PRECISION), 0.0e0)
      ELSE CAST(0.0e0 AS DOUBLE PRECISION)
    END AS _sn_items__scale
  FROM spread_to_2
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
  store,
  _sn__score AS score,
  _sn__score > 3.5000000035e0 AS alert,
  CASE
    WHEN _sn__score IS NULL
    THEN NULL
    WHEN _sn_amount__term >= _sn__score - (
      CAST(1e-09 AS DOUBLE PRECISION) * GREATEST(CAST(1.0e0 AS DOUBLE PRECISION), ABS(_sn__score))
    )
    THEN 'amount'
    WHEN _sn_items__term >= _sn__score - (
      CAST(1e-09 AS DOUBLE PRECISION) * GREATEST(CAST(1.0e0 AS DOUBLE PRECISION), ABS(_sn__score))
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
