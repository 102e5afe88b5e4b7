-- SELECT id, anomaly_score(amount, detector => 'mahalanobis') AS score
-- FROM orders
/* sqlnomaly 0.1.0: mahalanobis(amount); ddof = 1, min_rows = 3 */
WITH source AS (
  SELECT
    id,
    CASE WHEN ABS(amount) <= 1e+150 THEN amount END AS _sn_amount
  FROM orders
), complete AS (
  SELECT
    *,
    CASE WHEN NOT _sn_amount IS NULL THEN _sn_amount END AS _sn_amount__x
  FROM source
  OFFSET 0
), bounds AS (
  SELECT
    MIN(_sn_amount__x) AS _sn_amount__low,
    MAX(_sn_amount__x) AS _sn_amount__high
  FROM complete
), shifted AS (
  SELECT
    complete.*,
    bounds._sn_amount__low,
    bounds._sn_amount__high,
    complete._sn_amount__x - bounds._sn_amount__low AS _sn_amount__above
  FROM complete
  CROSS JOIN bounds
  OFFSET 0
), moments AS (
  SELECT
    MIN(_sn_amount__low) AS _sn_amount__low,
    MIN(_sn_amount__high) AS _sn_amount__high,
    COUNT(_sn_amount__above) AS _sn_amount__n,
    AVG(_sn_amount__above) AS _sn_amount__mean,
    VAR_POP(_sn_amount__above) AS _sn_amount__variance
  FROM shifted
), scales AS (
  SELECT
    *,
    CASE
      WHEN _sn_amount__low < _sn_amount__high
      AND CAST((
        _sn_amount__variance * _sn_amount__n
      ) AS DOUBLE PRECISION) / NULLIF(_sn_amount__n - 1, 0.0e0) > 1e-300
      THEN SQRT(
        CASE
          WHEN CAST((
            _sn_amount__variance * _sn_amount__n
          ) AS DOUBLE PRECISION) / NULLIF(_sn_amount__n - 1, 0.0e0) >= 0.0e0
          THEN CAST((
            _sn_amount__variance * _sn_amount__n
          ) AS DOUBLE PRECISION) / NULLIF(_sn_amount__n - 1, 0.0e0)
        END
      )
      ELSE CAST(0.0e0 AS DOUBLE PRECISION)
    END AS _sn_amount__scale,
    _sn_amount__low + _sn_amount__mean AS _sn_amount__centre
  FROM moments
  OFFSET 0
), elimination AS (
  SELECT
    *,
    CASE
      WHEN CASE
        WHEN _sn_amount__scale > 0.0e0
        THEN CAST(1.0e0 AS DOUBLE PRECISION)
        ELSE CAST(0.0e0 AS DOUBLE PRECISION)
      END > 1e-08
      THEN CAST(1.0e0 AS DOUBLE PRECISION) / NULLIF(
        CASE
          WHEN _sn_amount__scale > 0.0e0
          THEN CAST(1.0e0 AS DOUBLE PRECISION)
          ELSE CAST(0.0e0 AS DOUBLE PRECISION)
        END,
        0.0e0
      )
      ELSE CAST(0.0e0 AS DOUBLE PRECISION)
    END AS _sn_amount__gain
  FROM scales
  OFFSET 0
), model AS (
  SELECT
    *,
    CASE
      WHEN _sn_amount__scale > 0.0e0
      THEN CAST(SQRT(CASE WHEN _sn_amount__gain >= 0.0e0 THEN _sn_amount__gain END) AS DOUBLE PRECISION) / NULLIF(_sn_amount__scale, 0.0e0)
      ELSE CAST(0.0e0 AS DOUBLE PRECISION)
    END AS _sn_amount__whiten_0
  FROM elimination
  OFFSET 0
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
  CROSS JOIN model
  OFFSET 0
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
  OFFSET 0
)
SELECT
  id,
  _sn__score AS score
FROM scored
