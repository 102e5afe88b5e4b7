-- SELECT id, anomaly_threshold(amount, detector => 'ecod', contamination => 0.05) OVER (PARTITION BY store) AS threshold
-- FROM orders
-- QUALIFY is_anomaly(amount, detector => 'ecod', contamination => 0.05) OVER (PARTITION BY store)
/* sqlnomaly 0.1.0: ecod(amount); exact = True, min_rows = 3 */
WITH source AS (
  SELECT
    id,
    CASE WHEN ABS(amount) <= 1e+150 THEN amount END AS _sn_amount,
    store AS _sn__key1
  FROM orders
), ranks AS (
  SELECT
    *,
    RANK() OVER (PARTITION BY _sn__key1 ORDER BY COALESCE(_sn_amount, 1e+300)) AS _sn_amount__rank,
    COUNT(_sn_amount) OVER (PARTITION BY _sn__key1 ORDER BY COALESCE(_sn_amount, 1e+300)) AS _sn_amount__below
  FROM source
), bounds AS (
  SELECT
    _sn__key1,
    COUNT(_sn_amount) AS _sn_amount__n,
    AVG(_sn_amount) AS _sn_amount__mean,
    MIN(_sn_amount) AS _sn_amount__low,
    MAX(_sn_amount) AS _sn_amount__high
  FROM source
  GROUP BY
    _sn__key1
), skew AS (
  SELECT
    source._sn__key1,
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
  LEFT JOIN bounds
    ON source._sn__key1 IS NOT DISTINCT FROM bounds._sn__key1
  GROUP BY
    source._sn__key1
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
      WHEN NOT ranks._sn_amount IS NULL AND model._sn_amount__scale > 0.0e0
      THEN -LN(
        CASE
          WHEN model._sn_amount__side = 0
          THEN (
            CAST(GREATEST(COALESCE(ranks._sn_amount__below, 0), 1) AS DOUBLE) / NULLIF(model._sn_amount__n, 0.0e0)
          ) * (
            CAST(GREATEST(COALESCE((
              model._sn_amount__n + 1
            ) - ranks._sn_amount__rank, 0), 1) AS DOUBLE) / NULLIF(model._sn_amount__n, 0.0e0)
          )
          ELSE LEAST(
            CAST(GREATEST(COALESCE(ranks._sn_amount__below, 0), 1) AS DOUBLE) / NULLIF(model._sn_amount__n, 0.0e0),
            CAST(GREATEST(COALESCE((
              model._sn_amount__n + 1
            ) - ranks._sn_amount__rank, 0), 1) AS DOUBLE) / NULLIF(model._sn_amount__n, 0.0e0)
          )
        END
      )
    END AS _sn_amount__tail
  FROM ranks
  LEFT JOIN model
    ON ranks._sn__key1 IS NOT DISTINCT FROM model._sn__key1
), placed AS (
  SELECT
    tails.*,
    model._sn_amount__n,
    model._sn_amount__scale
  FROM tails
  LEFT JOIN model
    ON tails._sn__key1 IS NOT DISTINCT FROM model._sn__key1
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
), cutoff AS (
  SELECT
    _sn__key1,
    PERCENTILE(_sn__score, 0.95e0) AS _sn__cutoff1
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
  _sn__score > CASE
    WHEN NOT _sn__cutoff1 IS NULL
    THEN _sn__cutoff1 + (
      1e-09 * GREATEST(1.0e0, ABS(_sn__cutoff1))
    )
  END
