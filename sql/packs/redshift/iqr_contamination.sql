-- SELECT id, anomaly_threshold(amount, detector => 'iqr', contamination => 0.05) OVER (PARTITION BY store) AS threshold
-- FROM orders
-- QUALIFY is_anomaly(amount, detector => 'iqr', contamination => 0.05) OVER (PARTITION BY store)
/* sqlnomaly 0.1.0: iqr(amount); direction = both, min_rows = 4 */
WITH source AS (
  SELECT
    id,
    CASE WHEN ABS(amount) <= 1e+150 THEN amount END AS _sn_amount,
    store AS _sn__key1
  FROM orders
), quartiles AS (
  SELECT
    _sn__key1,
    COUNT(_sn_amount) AS _sn_amount__n,
    PERCENTILE_CONT(0.25e0) WITHIN GROUP (ORDER BY
      _sn_amount) AS _sn_amount__q1,
    PERCENTILE_CONT(0.75e0) WITHIN GROUP (ORDER BY
      _sn_amount) AS _sn_amount__q3
  FROM source
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
    ) AS _sn_amount__centre
  FROM quartiles
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
), cutoff AS (
  SELECT
    _sn__key1,
    PERCENTILE_CONT(0.95e0) WITHIN GROUP (ORDER BY
      _sn__score) AS _sn__cutoff1
  FROM scored
  GROUP BY
    _sn__key1
), limited AS (
  SELECT
    scored.*,
    cutoff._sn__cutoff1
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
  _sn__score > CASE
    WHEN NOT _sn__cutoff1 IS NULL
    THEN _sn__cutoff1 + (
      CAST(1e-09 AS DOUBLE PRECISION) * GREATEST(CAST(1.0e0 AS DOUBLE PRECISION), ABS(_sn__cutoff1))
    )
  END
