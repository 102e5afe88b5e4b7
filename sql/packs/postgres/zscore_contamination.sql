-- SELECT id, anomaly_threshold(amount, detector => 'zscore', contamination => 0.05) OVER (PARTITION BY store) AS threshold
-- FROM orders
-- QUALIFY is_anomaly(amount, detector => 'zscore', contamination => 0.05) OVER (PARTITION BY store)
/* sqlnomaly 0.1.0: zscore(amount); ddof = 1, direction = both, min_rows = 3 */
WITH source AS (
  SELECT
    id,
    CASE WHEN ABS(amount) <= 1e+150 THEN amount END AS _sn_amount,
    store AS _sn__key1
  FROM orders
), baseline AS (
  SELECT
    _sn__key1,
    COUNT(_sn_amount) AS _sn_amount__n,
    AVG(_sn_amount) AS _sn_amount__mean,
    VAR_POP(_sn_amount) * COUNT(_sn_amount) AS _sn_amount__m2,
    MIN(_sn_amount) AS _sn_amount__low,
    MAX(_sn_amount) AS _sn_amount__high
  FROM source
  GROUP BY
    _sn__key1
), model AS (
  SELECT
    *,
    CASE
      WHEN _sn_amount__low = _sn_amount__high
      THEN _sn_amount__low
      ELSE _sn_amount__mean
    END AS _sn_amount__centre,
    CASE
      WHEN _sn_amount__low < _sn_amount__high
      AND CAST(_sn_amount__m2 AS DOUBLE PRECISION) / NULLIF(_sn_amount__n - 1, 0.0e0) > 1e-300
      THEN SQRT(
        CASE
          WHEN CAST(_sn_amount__m2 AS DOUBLE PRECISION) / NULLIF(_sn_amount__n - 1, 0.0e0) >= 0.0e0
          THEN CAST(_sn_amount__m2 AS DOUBLE PRECISION) / NULLIF(_sn_amount__n - 1, 0.0e0)
        END
      )
      ELSE CAST(0.0e0 AS DOUBLE PRECISION)
    END AS _sn_amount__scale
  FROM baseline
  OFFSET 0
), terms AS (
  SELECT
    source.*,
    CASE
      WHEN model._sn_amount__n >= 3
      THEN CASE
        WHEN model._sn_amount__scale > 0.0e0
        THEN CAST(ABS(source._sn_amount - model._sn_amount__centre) AS DOUBLE PRECISION) / NULLIF(model._sn_amount__scale, 0.0e0)
        WHEN source._sn_amount = model._sn_amount__centre
        THEN CAST(0.0e0 AS DOUBLE PRECISION)
      END
    END AS _sn_amount__term
  FROM source
  LEFT JOIN model
    ON ARRAY[source._sn__key1] = ARRAY[model._sn__key1]
  OFFSET 0
), scored AS (
  SELECT
    *,
    _sn_amount__term AS _sn__score
  FROM terms
  OFFSET 0
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
    ON ARRAY[scored._sn__key1] = ARRAY[cutoff._sn__key1]
  OFFSET 0
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
