-- SELECT id, anomaly_score(amount, detector => 'mad') AS score
-- FROM orders
/* sqlnomaly 0.1.0: mad(amount); direction = both, min_rows = 3 */
WITH source AS (
  SELECT
    id,
    CASE WHEN ABS(amount) <= 1e+150 THEN amount END AS _sn_amount
  FROM orders
), centre AS (
  SELECT
    COUNT(_sn_amount) AS _sn_amount__n,
    PERCENTILE_CONT(0.5e0) WITHIN GROUP (ORDER BY
      _sn_amount) AS _sn_amount__centre
  FROM source
), spread AS (
  SELECT
    MIN(centre._sn_amount__n) AS _sn_amount__n,
    MIN(centre._sn_amount__centre) AS _sn_amount__centre,
    PERCENTILE_CONT(0.5e0) WITHIN GROUP (ORDER BY
      ABS(source._sn_amount - centre._sn_amount__centre)) AS _sn_amount__mad
  FROM source
  CROSS JOIN centre
), model AS (
  SELECT
    *,
    CASE
      WHEN CAST(_sn_amount__mad AS DOUBLE PRECISION) / NULLIF(CAST(0.6744897501960817e0 AS DOUBLE PRECISION), 0.0e0) > 1e-150
      THEN CAST(_sn_amount__mad AS DOUBLE PRECISION) / NULLIF(CAST(0.6744897501960817e0 AS DOUBLE PRECISION), 0.0e0)
      ELSE CAST(0.0e0 AS DOUBLE PRECISION)
    END AS _sn_amount__scale
  FROM spread
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
