-- SELECT id, anomaly_score(amount, items, detector => 'mad')
--              FILTER (WHERE NOT disputed) OVER (PARTITION BY store) AS score
-- FROM orders
/* sqlnomaly 0.1.0: mad(amount, items); direction = both, min_rows = 3 */
WITH source AS (
  SELECT
    id AS id,
    CASE WHEN ABS(amount) <= 1e+150 THEN amount END AS _sn_amount,
    CAST(items AS FLOAT) AS _sn_items,
    store AS _sn__key1,
    CASE WHEN NOT disputed = 1 THEN 1 ELSE 0 END AS _sn__fitted
  FROM orders
), centre_quantiles AS (
  SELECT
    *,
    PERCENTILE_CONT(0.5e0) WITHIN GROUP (ORDER BY
      CASE WHEN _sn__fitted = 1 THEN _sn_amount END) OVER (PARTITION BY _sn__key1) AS _sn_amount__centre_each,
    PERCENTILE_CONT(0.5e0) WITHIN GROUP (ORDER BY
      CASE WHEN _sn__fitted = 1 THEN _sn_items END) OVER (PARTITION BY _sn__key1) AS _sn_items__centre_each
  FROM source
), centre AS (
  SELECT
    _sn__key1 AS _sn__key1,
    COUNT_BIG(_sn_amount) AS _sn_amount__n,
    MIN(_sn_amount__centre_each) AS _sn_amount__centre,
    COUNT_BIG(_sn_items) AS _sn_items__n,
    MIN(_sn_items__centre_each) AS _sn_items__centre
  FROM centre_quantiles
  WHERE
    _sn__fitted = 1
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
      CASE
        WHEN source._sn__fitted = 1
        THEN ABS(source._sn_amount - centre._sn_amount__centre)
      END) OVER (PARTITION BY source._sn__key1) AS _sn_amount__mad_each,
    PERCENTILE_CONT(0.5e0) WITHIN GROUP (ORDER BY
      CASE
        WHEN source._sn__fitted = 1
        THEN ABS(source._sn_items - centre._sn_items__centre)
      END) OVER (PARTITION BY source._sn__key1) AS _sn_items__mad_each
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
  WHERE
    _sn__fitted = 1
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
