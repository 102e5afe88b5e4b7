-- SELECT id, anomaly_score(amount, detector => 'mad') AS score
-- FROM orders
/* sqlnomaly 0.1.0: mad(amount); direction = both, min_rows = 3 */
WITH source AS (
  SELECT
    id AS id,
    CASE WHEN ABS(amount) <= 1e+150 THEN amount END AS _sn_amount
  FROM orders
), centre_quantiles AS (
  SELECT
    *,
    PERCENTILE_CONT(0.5e0) WITHIN GROUP (ORDER BY
      _sn_amount) OVER () AS _sn_amount__centre_each
  FROM source
), centre AS (
  SELECT
    COUNT_BIG(_sn_amount) AS _sn_amount__n,
    MIN(_sn_amount__centre_each) AS _sn_amount__centre
  FROM centre_quantiles
), spread_quantiles AS (
  SELECT
    source.*,
    centre._sn_amount__centre AS _sn_amount__centre,
    centre._sn_amount__n AS _sn_amount__n,
    PERCENTILE_CONT(0.5e0) WITHIN GROUP (ORDER BY
      ABS(source._sn_amount - centre._sn_amount__centre)) OVER () AS _sn_amount__mad_each
  FROM source
  CROSS JOIN centre
), spread AS (
  SELECT
    MIN(_sn_amount__n) AS _sn_amount__n,
    MIN(_sn_amount__centre) AS _sn_amount__centre,
    MIN(_sn_amount__mad_each) AS _sn_amount__mad
  FROM spread_quantiles
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
