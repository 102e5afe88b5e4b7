-- SELECT id, anomaly_threshold(amount, detector => 'mahalanobis', contamination => 0.05) OVER (PARTITION BY store) AS threshold
-- FROM orders
-- QUALIFY is_anomaly(amount, detector => 'mahalanobis', contamination => 0.05) OVER (PARTITION BY store)
/* sqlnomaly 0.1.0: mahalanobis(amount); ddof = 1, min_rows = 3 */
WITH source AS (
  SELECT
    id,
    CASE WHEN ABS(amount) <= 1e+150 THEN amount END AS _sn_amount,
    store AS _sn__key1
  FROM orders
), complete AS (
  SELECT
    *,
    CASE WHEN NOT _sn_amount IS NULL THEN _sn_amount END AS _sn_amount__x
  FROM source
), bounds AS (
  SELECT
    _sn__key1,
    MIN(_sn_amount__x) AS _sn_amount__low,
    MAX(_sn_amount__x) AS _sn_amount__high
  FROM complete
  GROUP BY
    _sn__key1
), shifted AS (
  SELECT
    complete.*,
    bounds._sn_amount__low,
    bounds._sn_amount__high,
    complete._sn_amount__x - bounds._sn_amount__low AS _sn_amount__above
  FROM complete
  LEFT JOIN bounds
    ON complete._sn__key1 IS NOT DISTINCT FROM bounds._sn__key1
), moments AS (
  SELECT
    _sn__key1,
    MIN(_sn_amount__low) AS _sn_amount__low,
    MIN(_sn_amount__high) AS _sn_amount__high,
    COUNT(_sn_amount__above) AS _sn_amount__n,
    AVG(_sn_amount__above) AS _sn_amount__mean,
    POWER(STDDEV_POP(_sn_amount__above), 2) AS _sn_amount__variance
  FROM shifted
  GROUP BY
    _sn__key1
), scales AS (
  SELECT
    *,
    CASE
      WHEN _sn_amount__low < _sn_amount__high
      AND (
        _sn_amount__variance * _sn_amount__n
      ) / NULLIF(_sn_amount__n - 1, 0.0e0) > 1e-300
      THEN SQRT(
        CASE
          WHEN (
            _sn_amount__variance * _sn_amount__n
          ) / NULLIF(_sn_amount__n - 1, 0.0e0) >= 0.0e0
          THEN (
            _sn_amount__variance * _sn_amount__n
          ) / NULLIF(_sn_amount__n - 1, 0.0e0)
        END
      )
      ELSE CAST(0.0e0 AS DOUBLE)
    END AS _sn_amount__scale,
    _sn_amount__low + _sn_amount__mean AS _sn_amount__centre
  FROM moments
), elimination AS (
  SELECT
    *,
    CASE
      WHEN CASE
        WHEN _sn_amount__scale > 0.0e0
        THEN CAST(1.0e0 AS DOUBLE)
        ELSE CAST(0.0e0 AS DOUBLE)
      END > 1e-08
      THEN CAST(1.0e0 AS DOUBLE) / NULLIF(
        CASE
          WHEN _sn_amount__scale > 0.0e0
          THEN CAST(1.0e0 AS DOUBLE)
          ELSE CAST(0.0e0 AS DOUBLE)
        END,
        0.0e0
      )
      ELSE CAST(0.0e0 AS DOUBLE)
    END AS _sn_amount__gain
  FROM scales
), model AS (
  SELECT
    *,
    CASE
      WHEN _sn_amount__scale > 0.0e0
      THEN SQRT(CASE WHEN _sn_amount__gain >= 0.0e0 THEN _sn_amount__gain END) / NULLIF(_sn_amount__scale, 0.0e0)
      ELSE CAST(0.0e0 AS DOUBLE)
    END AS _sn_amount__whiten_0
  FROM elimination
), whitened AS (
  SELECT
    source.*,
    model._sn_amount__n,
    model._sn_amount__low,
    model._sn_amount__mean,
    model._sn_amount__centre,
    model._sn_amount__scale,
    model._sn_amount__whiten_0,
    model._sn_amount__whiten_0 * (
      (
        source._sn_amount - model._sn_amount__low
      ) - model._sn_amount__mean
    ) AS _sn_amount__y
  FROM source
  LEFT JOIN model
    ON source._sn__key1 IS NOT DISTINCT FROM model._sn__key1
), scored AS (
  SELECT
    *,
    CASE
      WHEN _sn_amount__n >= 3
      THEN CASE
        WHEN _sn_amount__scale > 0.0e0 OR _sn_amount = _sn_amount__centre
        THEN _sn_amount__y * _sn_amount__y
      END
    END AS _sn__score
  FROM whitened
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
      CAST(1e-06 AS DOUBLE) * GREATEST(CAST(1.0e0 AS DOUBLE), ABS(_sn__cutoff1))
    )
  END
