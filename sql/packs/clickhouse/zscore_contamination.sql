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
    CAST(COUNT(_sn_amount) AS Nullable(Int64)) AS _sn_amount__n,
    sumKahan(_sn_amount) / nullIf(COUNT(_sn_amount), 0) AS _sn_amount__mean,
    varPopStable(_sn_amount) * CAST(COUNT(_sn_amount) AS Nullable(Int64)) AS _sn_amount__m2,
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
      AND _sn_amount__m2 / NULLIF(_sn_amount__n - 1, 0.0e0) > 1e-300
      THEN SQRT(
        CASE
          WHEN _sn_amount__m2 / NULLIF(_sn_amount__n - 1, 0.0e0) >= 0.0e0
          THEN _sn_amount__m2 / NULLIF(_sn_amount__n - 1, 0.0e0)
        END
      )
      ELSE 0.0e0
    END AS _sn_amount__scale
  FROM baseline
), terms AS (
  SELECT
    source.*,
    CASE
      WHEN model._sn_amount__n >= 3
      THEN CASE
        WHEN model._sn_amount__scale > 0.0e0
        THEN ABS(source._sn_amount - model._sn_amount__centre) / NULLIF(model._sn_amount__scale, 0.0e0)
        WHEN source._sn_amount = model._sn_amount__centre
        THEN 0.0e0
      END
    END AS _sn_amount__term
  FROM source
  LEFT JOIN model
    ON source._sn__key1 IS NOT DISTINCT FROM model._sn__key1
), scored AS (
  SELECT
    *,
    _sn_amount__term AS _sn__score
  FROM terms
), cutoff AS (
  SELECT
    _sn__key1,
    quantileExactInclusive(0.95e0)(_sn__score) AS _sn__cutoff1
  FROM scored
  GROUP BY
    _sn__key1
), limited AS (
  SELECT
    scored.*,
    cutoff._sn__cutoff1
  FROM scored
  LEFT JOIN cutoff
    ON scored._sn__key1 IS NOT DISTINCT FROM cutoff._sn__key1
)
SELECT
  id,
  _sn__cutoff1 AS threshold
FROM limited
WHERE
  CAST(_sn__score > CASE
    WHEN NOT (
      _sn__cutoff1 IS NULL
    )
    THEN _sn__cutoff1 + (
      1e-09 * GREATEST(1.0e0, ABS(_sn__cutoff1))
    )
  END AS Nullable(Bool))
SETTINGS query_plan_merge_expressions = 0
