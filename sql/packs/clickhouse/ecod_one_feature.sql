-- SELECT id, anomaly_score(amount, detector => 'ecod') AS score
-- FROM orders
/* sqlnomaly 0.1.0: ecod(amount); exact = True, min_rows = 3 */
WITH source AS (
  SELECT
    id,
    CASE WHEN ABS(amount) <= 1e+150 THEN amount END AS _sn_amount
  FROM orders
), ranks AS (
  SELECT
    *,
    RANK() OVER (ORDER BY COALESCE(_sn_amount, 1e+300)) AS _sn_amount__rank,
    CAST(COUNT(_sn_amount) OVER (ORDER BY COALESCE(_sn_amount, 1e+300)) AS Nullable(Int64)) AS _sn_amount__below
  FROM source
), bounds AS (
  SELECT
    CAST(COUNT(_sn_amount) AS Nullable(Int64)) AS _sn_amount__n,
    sumKahan(_sn_amount) / nullIf(COUNT(_sn_amount), 0) AS _sn_amount__mean,
    MIN(_sn_amount) AS _sn_amount__low,
    MAX(_sn_amount) AS _sn_amount__high
  FROM source
), skew AS (
  SELECT
    MIN(bounds._sn_amount__n) AS _sn_amount__n,
    MIN(bounds._sn_amount__mean) AS _sn_amount__mean,
    MIN(bounds._sn_amount__low) AS _sn_amount__low,
    MIN(bounds._sn_amount__high) AS _sn_amount__high,
    SUM(
      (
        (
          (
            source._sn_amount - bounds._sn_amount__mean
          ) / NULLIF(bounds._sn_amount__high - bounds._sn_amount__low, 0.0e0)
        ) * (
          (
            source._sn_amount - bounds._sn_amount__mean
          ) / NULLIF(bounds._sn_amount__high - bounds._sn_amount__low, 0.0e0)
        )
      ) * (
        (
          source._sn_amount - bounds._sn_amount__mean
        ) / NULLIF(bounds._sn_amount__high - bounds._sn_amount__low, 0.0e0)
      )
    ) AS _sn_amount__skew,
    SUM(
      ABS(
        (
          (
            (
              source._sn_amount - bounds._sn_amount__mean
            ) / NULLIF(bounds._sn_amount__high - bounds._sn_amount__low, 0.0e0)
          ) * (
            (
              source._sn_amount - bounds._sn_amount__mean
            ) / NULLIF(bounds._sn_amount__high - bounds._sn_amount__low, 0.0e0)
          )
        ) * (
          (
            source._sn_amount - bounds._sn_amount__mean
          ) / NULLIF(bounds._sn_amount__high - bounds._sn_amount__low, 0.0e0)
        )
      )
    ) AS _sn_amount__bulk
  FROM source
  CROSS JOIN bounds
), model AS (
  SELECT
    *,
    CASE
      WHEN _sn_amount__high > _sn_amount__low
      THEN _sn_amount__high - _sn_amount__low
      ELSE 0.0e0
    END AS _sn_amount__scale,
    CASE
      WHEN ABS(_sn_amount__skew) <= 1e-09 * _sn_amount__bulk
      THEN 0
      WHEN _sn_amount__skew > 0.0e0
      THEN 1
      ELSE -1
    END AS _sn_amount__side
  FROM skew
), tails AS (
  SELECT
    ranks.*,
    CASE
      WHEN model._sn_amount__scale = 0.0e0 AND ranks._sn_amount = model._sn_amount__low
      THEN 0.0e0
      WHEN NOT (
        ranks._sn_amount IS NULL
      ) AND model._sn_amount__scale > 0.0e0
      THEN -LN(
        CASE
          WHEN model._sn_amount__side = 0
          THEN (
            CAST(GREATEST(COALESCE(ranks._sn_amount__below, 0), 1) AS Nullable(Float64)) / NULLIF(model._sn_amount__n, 0.0e0)
          ) * (
            CAST(GREATEST(COALESCE((
              model._sn_amount__n + 1
            ) - ranks._sn_amount__rank, 0), 1) AS Nullable(Float64)) / NULLIF(model._sn_amount__n, 0.0e0)
          )
          ELSE LEAST(
            CAST(GREATEST(COALESCE(ranks._sn_amount__below, 0), 1) AS Nullable(Float64)) / NULLIF(model._sn_amount__n, 0.0e0),
            CAST(GREATEST(COALESCE((
              model._sn_amount__n + 1
            ) - ranks._sn_amount__rank, 0), 1) AS Nullable(Float64)) / NULLIF(model._sn_amount__n, 0.0e0)
          )
        END
      )
    END AS _sn_amount__tail
  FROM ranks
  CROSS JOIN model
), placed AS (
  SELECT
    tails.*,
    model._sn_amount__n,
    model._sn_amount__scale
  FROM tails
  CROSS JOIN model
), terms AS (
  SELECT
    *,
    CASE WHEN _sn_amount__n >= 3 THEN _sn_amount__tail END AS _sn_amount__term
  FROM placed
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
SETTINGS query_plan_merge_expressions = 0
