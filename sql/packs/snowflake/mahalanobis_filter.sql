-- SELECT id, anomaly_score(amount, items, detector => 'mahalanobis')
--              FILTER (WHERE NOT disputed) OVER (PARTITION BY store) AS score
-- FROM orders
/* sqlnomaly 0.1.0: mahalanobis(amount, items); ddof = 1, min_rows = 4 */
WITH source AS (
  SELECT
    id,
    CASE WHEN ABS(amount) <= 1e+150 THEN amount END AS _sn_amount,
    CAST(items AS DOUBLE) AS _sn_items,
    store AS _sn__key1,
    CASE WHEN NOT disputed THEN 1 ELSE 0 END AS _sn__fitted
  FROM orders
), complete AS (
  SELECT
    *,
    CASE WHEN NOT _sn_amount IS NULL AND NOT _sn_items IS NULL THEN _sn_amount END AS _sn_amount__x,
    CASE WHEN NOT _sn_amount IS NULL AND NOT _sn_items IS NULL THEN _sn_items END AS _sn_items__x
  FROM source
), bounds AS (
  SELECT
    _sn__key1,
    MIN(_sn_amount__x) AS _sn_amount__low,
    MAX(_sn_amount__x) AS _sn_amount__high,
    MIN(_sn_items__x) AS _sn_items__low,
    MAX(_sn_items__x) AS _sn_items__high
  FROM complete
  WHERE
    _sn__fitted = 1
  GROUP BY
    _sn__key1
), shifted AS (
  SELECT
    complete.*,
    bounds._sn_amount__low,
    bounds._sn_amount__high,
    bounds._sn_items__low,
    bounds._sn_items__high,
    complete._sn_amount__x - bounds._sn_amount__low AS _sn_amount__above,
    complete._sn_items__x - bounds._sn_items__low AS _sn_items__above
  FROM complete
  LEFT JOIN bounds
    ON complete._sn__key1 IS NOT DISTINCT FROM bounds._sn__key1
), moments AS (
  SELECT
    _sn__key1,
    MIN(_sn_amount__low) AS _sn_amount__low,
    MIN(_sn_amount__high) AS _sn_amount__high,
    MIN(_sn_items__low) AS _sn_items__low,
    MIN(_sn_items__high) AS _sn_items__high,
    COUNT(_sn_amount__above) AS _sn_amount__n,
    AVG(_sn_amount__above) AS _sn_amount__mean,
    POWER(STDDEV_POP(_sn_amount__above), 2) AS _sn_amount__variance,
    COUNT(_sn_items__above) AS _sn_items__n,
    AVG(_sn_items__above) AS _sn_items__mean,
    POWER(STDDEV_POP(_sn_items__above), 2) AS _sn_items__variance,
    COVAR_POP(_sn_items__above, _sn_amount__above) AS _sn_items__with_0
  FROM shifted
  WHERE
    _sn__fitted = 1
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
    _sn_amount__low + _sn_amount__mean AS _sn_amount__centre,
    CASE
      WHEN _sn_items__low < _sn_items__high
      AND (
        _sn_items__variance * _sn_items__n
      ) / NULLIF(_sn_items__n - 1, 0.0e0) > 1e-300
      THEN SQRT(
        CASE
          WHEN (
            _sn_items__variance * _sn_items__n
          ) / NULLIF(_sn_items__n - 1, 0.0e0) >= 0.0e0
          THEN (
            _sn_items__variance * _sn_items__n
          ) / NULLIF(_sn_items__n - 1, 0.0e0)
        END
      )
      ELSE CAST(0.0e0 AS DOUBLE)
    END AS _sn_items__scale,
    _sn_items__low + _sn_items__mean AS _sn_items__centre
  FROM moments
), correlations AS (
  SELECT
    *,
    CASE
      WHEN _sn_items__scale > 0.0e0 AND _sn_amount__scale > 0.0e0
      THEN _sn_items__with_0 / NULLIF(
        SQRT(CASE WHEN _sn_items__variance >= 0.0e0 THEN _sn_items__variance END) * SQRT(CASE WHEN _sn_amount__variance >= 0.0e0 THEN _sn_amount__variance END),
        0.0e0
      )
      ELSE CAST(0.0e0 AS DOUBLE)
    END AS _sn_items__r_0
  FROM scales
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
    END AS _sn_amount__gain,
    _sn_items__r_0 AS _sn_items__c_0
  FROM correlations
), elimination_2 AS (
  SELECT
    *,
    CASE
      WHEN CASE
        WHEN _sn_items__scale > 0.0e0
        THEN CAST(1.0e0 AS DOUBLE)
        ELSE CAST(0.0e0 AS DOUBLE)
      END - (
        (
          _sn_items__c_0 * _sn_items__c_0
        ) * _sn_amount__gain
      ) > 1e-08
      THEN CAST(1.0e0 AS DOUBLE) / NULLIF(
        CASE
          WHEN _sn_items__scale > 0.0e0
          THEN CAST(1.0e0 AS DOUBLE)
          ELSE CAST(0.0e0 AS DOUBLE)
        END - (
          (
            _sn_items__c_0 * _sn_items__c_0
          ) * _sn_amount__gain
        ),
        0.0e0
      )
      ELSE CAST(0.0e0 AS DOUBLE)
    END AS _sn_items__gain,
    -(
      _sn_items__c_0 * _sn_amount__gain
    ) AS _sn_items__u_0
  FROM elimination
), model AS (
  SELECT
    *,
    CASE
      WHEN _sn_amount__scale > 0.0e0
      THEN SQRT(CASE WHEN _sn_amount__gain >= 0.0e0 THEN _sn_amount__gain END) / NULLIF(_sn_amount__scale, 0.0e0)
      ELSE CAST(0.0e0 AS DOUBLE)
    END AS _sn_amount__whiten_0,
    CASE
      WHEN _sn_amount__scale > 0.0e0
      THEN (
        SQRT(CASE WHEN _sn_items__gain >= 0.0e0 THEN _sn_items__gain END) * _sn_items__u_0
      ) / NULLIF(_sn_amount__scale, 0.0e0)
      ELSE CAST(0.0e0 AS DOUBLE)
    END AS _sn_items__whiten_0,
    CASE
      WHEN _sn_items__scale > 0.0e0
      THEN SQRT(CASE WHEN _sn_items__gain >= 0.0e0 THEN _sn_items__gain END) / NULLIF(_sn_items__scale, 0.0e0)
      ELSE CAST(0.0e0 AS DOUBLE)
    END AS _sn_items__whiten_1
  FROM elimination_2
), whitened AS (
  SELECT
    source.*,
    model._sn_amount__n,
    model._sn_amount__low,
    model._sn_amount__mean,
    model._sn_amount__centre,
    model._sn_amount__scale,
    model._sn_amount__whiten_0,
    model._sn_items__n,
    model._sn_items__low,
    model._sn_items__mean,
    model._sn_items__centre,
    model._sn_items__scale,
    model._sn_items__whiten_0,
    model._sn_items__whiten_1,
    model._sn_amount__whiten_0 * (
      (
        source._sn_amount - model._sn_amount__low
      ) - model._sn_amount__mean
    ) AS _sn_amount__y,
    (
      model._sn_items__whiten_0 * (
        (
          source._sn_amount - model._sn_amount__low
        ) - model._sn_amount__mean
      )
    ) + (
      model._sn_items__whiten_1 * (
        (
          source._sn_items - model._sn_items__low
        ) - model._sn_items__mean
      )
    ) AS _sn_items__y
  FROM source
  LEFT JOIN model
    ON source._sn__key1 IS NOT DISTINCT FROM model._sn__key1
), scored AS (
  SELECT
    *,
    CASE
      WHEN _sn_amount__n >= 4
      THEN CASE
        WHEN (
          _sn_amount__scale > 0.0e0 OR _sn_amount = _sn_amount__centre
        )
        AND (
          _sn_items__scale > 0.0e0 OR _sn_items = _sn_items__centre
        )
        THEN (
          _sn_amount__y * _sn_amount__y
        ) + (
          _sn_items__y * _sn_items__y
        )
      END
    END AS _sn__score
  FROM whitened
)
SELECT
  id,
  _sn__score AS score
FROM scored
