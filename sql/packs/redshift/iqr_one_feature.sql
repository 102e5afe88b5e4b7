-- SELECT id, anomaly_score(amount, detector => 'iqr') AS score
-- FROM orders
/* sqlnomaly 0.1.0: iqr(amount); direction = both, min_rows = 4 */
WITH source AS (
  SELECT
    id,
    CASE WHEN ABS(amount) <= 1e+150 THEN amount END AS _sn_amount
  FROM orders
), quartiles AS (
  SELECT
    COUNT(_sn_amount) AS _sn_amount__n,
    PERCENTILE_CONT(0.25e0) WITHIN GROUP (ORDER BY
      _sn_amount) AS _sn_amount__q1,
    PERCENTILE_CONT(0.75e0) WITHIN GROUP (ORDER BY
      _sn_amount) AS _sn_amount__q3
  FROM source
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
