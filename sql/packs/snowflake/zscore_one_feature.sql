-- SELECT id, anomaly_score(amount, detector => 'zscore') AS score
-- FROM orders
/* sqlnomaly 0.1.0: zscore(amount); ddof = 1, direction = both, min_rows = 3 */
WITH source AS (
  SELECT
    id,
    CASE WHEN ABS(amount) <= 1e+150 THEN amount END AS _sn_amount
  FROM orders
), baseline AS (
  SELECT
    COUNT(_sn_amount) AS _sn_amount__n,
    AVG(_sn_amount) AS _sn_amount__mean,
    POWER(STDDEV_POP(_sn_amount), 2) * COUNT(_sn_amount) AS _sn_amount__m2,
    MIN(_sn_amount) AS _sn_amount__low,
    MAX(_sn_amount) AS _sn_amount__high
  FROM source
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
      ELSE CAST(0.0e0 AS DOUBLE)
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
        THEN CAST(0.0e0 AS DOUBLE)
      END
    END AS _sn_amount__term
  FROM source
  CROSS JOIN model
), scored AS (
  SELECT
    *,
    _sn_amount__term AS _sn__score
  FROM terms
)
SELECT
  id,
  _sn__score AS score
FROM scored
