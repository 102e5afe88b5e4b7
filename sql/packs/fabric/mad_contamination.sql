-- SELECT id, anomaly_threshold(amount, detector => 'mad', contamination => 0.05) OVER (PARTITION BY store) AS threshold
-- FROM orders
-- QUALIFY is_anomaly(amount, detector => 'mad', contamination => 0.05) OVER (PARTITION BY store)
/* sqlnomaly 0.1.0: mad(amount); direction = both, min_rows = 3 */
WITH source AS (
  SELECT
    id AS id,
    CASE WHEN ABS(amount) <= 1e+150 THEN amount END AS _sn_amount,
    store AS _sn__key1
  FROM orders
), centre_quantiles AS (
  SELECT
    *,
    PERCENTILE_CONT(0.5e0) WITHIN GROUP (ORDER BY
      _sn_amount) OVER (PARTITION BY _sn__key1) AS _sn_amount__centre_each
  FROM source
), centre AS (
  SELECT
    _sn__key1 AS _sn__key1,
    COUNT_BIG(_sn_amount) AS _sn_amount__n,
    MIN(_sn_amount__centre_each) AS _sn_amount__centre
  FROM centre_quantiles
  GROUP BY
    _sn__key1
), spread_quantiles AS (
  SELECT
    source.*,
    centre._sn_amount__centre AS _sn_amount__centre,
    centre._sn_amount__n AS _sn_amount__n,
    PERCENTILE_CONT(0.5e0) WITHIN GROUP (ORDER BY
      ABS(source._sn_amount - centre._sn_amount__centre)) OVER (PARTITION BY source._sn__key1) AS _sn_amount__mad_each
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
    MIN(_sn_amount__mad_each) AS _sn_amount__mad
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
    END AS _sn_amount__scale
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
    END AS _sn_amount__term
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
    _sn_amount__term AS _sn__score
  FROM terms
), cutoff_quantiles AS (
  SELECT
    *,
    PERCENTILE_CONT(0.95e0) WITHIN GROUP (ORDER BY
      _sn__score) OVER (PARTITION BY _sn__key1) AS _sn__cutoff1_each
  FROM scored
), cutoff AS (
  SELECT
    _sn__key1 AS _sn__key1,
    MIN(_sn__cutoff1_each) AS _sn__cutoff1
  FROM cutoff_quantiles
  GROUP BY
    _sn__key1
), limited AS (
  SELECT
    scored.*,
    cutoff._sn__cutoff1 AS _sn__cutoff1
  FROM scored
  LEFT JOIN cutoff
    ON (
      scored._sn__key1 = cutoff._sn__key1
      OR (
        scored._sn__key1 IS NULL AND cutoff._sn__key1 IS NULL
      )
    )
)
SELECT
  id,
  _sn__cutoff1 AS threshold
FROM limited
WHERE
  CAST(CASE
    WHEN _sn__score > CASE
      WHEN NOT _sn__cutoff1 IS NULL
      THEN _sn__cutoff1 + (
        1e-09 * CASE WHEN 1.0e0 >= ABS(_sn__cutoff1) THEN 1.0e0 ELSE ABS(_sn__cutoff1) END
      )
    END
    THEN 1
    WHEN NOT _sn__score > CASE
      WHEN NOT _sn__cutoff1 IS NULL
      THEN _sn__cutoff1 + (
        1e-09 * CASE WHEN 1.0e0 >= ABS(_sn__cutoff1) THEN 1.0e0 ELSE ABS(_sn__cutoff1) END
      )
    END
    THEN 0
  END AS BIT) <> 0
