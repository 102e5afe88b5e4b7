-- SELECT id, anomaly_score(amount, items, detector => 'mahalanobis')
--              FILTER (WHERE NOT disputed) OVER (PARTITION BY store) AS score
-- FROM orders
/* sqlnomaly 0.1.0: mahalanobis(amount, items); ddof = 1, min_rows = 4 */
WITH source AS (
  SELECT
    id AS id,
    CASE WHEN ABS(amount) <= 1e+150 THEN amount END AS _sn_amount,
    CAST(items AS FLOAT) AS _sn_items,
    store AS _sn__key1,
    CASE WHEN NOT disputed = 1 THEN 1 ELSE 0 END AS _sn__fitted
  FROM orders
), complete AS (
  SELECT
    *,
    CASE WHEN NOT _sn_amount IS NULL AND NOT _sn_items IS NULL THEN _sn_amount END AS _sn_amount__x,
    CASE WHEN NOT _sn_amount IS NULL AND NOT _sn_items IS NULL THEN _sn_items END AS _sn_items__x
  FROM source
), bounds AS (
  SELECT
    _sn__key1 AS _sn__key1,
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
    bounds._sn_amount__low AS _sn_amount__low,
    bounds._sn_amount__high AS _sn_amount__high,
    bounds._sn_items__low AS _sn_items__low,
    bounds._sn_items__high AS _sn_items__high,
    complete._sn_amount__x - bounds._sn_amount__low AS _sn_amount__above,
    complete._sn_items__x - bounds._sn_items__low AS _sn_items__above
  FROM complete
  LEFT JOIN bounds
    ON (
      complete._sn__key1 = bounds._sn__key1
      OR (
        complete._sn__key1 IS NULL AND bounds._sn__key1 IS NULL
      )
    )
), pivots AS (
  SELECT
    *,
    AVG(CASE WHEN _sn__fitted = 1 THEN _sn_amount__above END) OVER (PARTITION BY _sn__key1) AS _sn__moments_pivot1,
    AVG(CASE WHEN _sn__fitted = 1 THEN _sn_items__above END) OVER (PARTITION BY _sn__key1) AS _sn__moments_pivot2
  FROM shifted
), moments AS (
  SELECT
    _sn__key1 AS _sn__key1,
    MIN(_sn_amount__low) AS _sn_amount__low,
    MIN(_sn_amount__high) AS _sn_amount__high,
    MIN(_sn_items__low) AS _sn_items__low,
    MIN(_sn_items__high) AS _sn_items__high,
    COUNT_BIG(_sn_amount__above) AS _sn_amount__n,
    AVG(_sn_amount__above) AS _sn_amount__mean,
    VARP(_sn_amount__above - _sn__moments_pivot1) AS _sn_amount__variance,
    COUNT_BIG(_sn_items__above) AS _sn_items__n,
    AVG(_sn_items__above) AS _sn_items__mean,
    VARP(_sn_items__above - _sn__moments_pivot2) AS _sn_items__variance,
    AVG(
      (
        _sn_items__above - _sn__moments_pivot2
      ) * (
        _sn_amount__above - _sn__moments_pivot1
      )
    ) - AVG(
      CASE
        WHEN NOT _sn_amount__above - _sn__moments_pivot1 IS NULL
        THEN _sn_items__above - _sn__moments_pivot2
      END
    ) * AVG(
      CASE
        WHEN NOT _sn_items__above - _sn__moments_pivot2 IS NULL
        THEN _sn_amount__above - _sn__moments_pivot1
      END
    ) AS _sn_items__with_0
  FROM pivots
  WHERE
    _sn__fitted = 1
  GROUP BY
    _sn__key1
), scales AS (
  SELECT
    *,
    CASE
      WHEN _sn_amount__low < _sn_amount__high
      AND CAST((
        _sn_amount__variance * _sn_amount__n
      ) AS FLOAT) / NULLIF(_sn_amount__n - 1, 0.0e0) > 1e-300
      THEN SQRT(
        CASE
          WHEN CAST((
            _sn_amount__variance * _sn_amount__n
          ) AS FLOAT) / NULLIF(_sn_amount__n - 1, 0.0e0) >= 0.0e0
          THEN CAST((
            _sn_amount__variance * _sn_amount__n
          ) AS FLOAT) / NULLIF(_sn_amount__n - 1, 0.0e0)
        END
      )
      ELSE 0.0e0
    END AS _sn_amount__scale,
    _sn_amount__low + _sn_amount__mean AS _sn_amount__centre,
    CASE
      WHEN _sn_items__low < _sn_items__high
      AND CAST((
        _sn_items__variance * _sn_items__n
      ) AS FLOAT) / NULLIF(_sn_items__n - 1, 0.0e0) > 1e-300
      THEN SQRT(
        CASE
          WHEN CAST((
            _sn_items__variance * _sn_items__n
          ) AS FLOAT) / NULLIF(_sn_items__n - 1, 0.0e0) >= 0.0e0
          THEN CAST((
            _sn_items__variance * _sn_items__n
          ) AS FLOAT) / NULLIF(_sn_items__n - 1, 0.0e0)
        END
      )
      ELSE 0.0e0
    END AS _sn_items__scale,
    _sn_items__low + _sn_items__mean AS _sn_items__centre
  FROM moments
), correlations AS (
  SELECT
    *,
    CASE
      WHEN _sn_items__scale > 0.0e0 AND _sn_amount__scale > 0.0e0
      THEN CAST(_sn_items__with_0 AS FLOAT) / NULLIF(
        SQRT(CASE WHEN _sn_items__variance >= 0.0e0 THEN _sn_items__variance END) * SQRT(CASE WHEN _sn_amount__variance >= 0.0e0 THEN _sn_amount__variance END),
        0.0e0
      )
      ELSE 0.0e0
    END AS _sn_items__r_0
  FROM scales
), elimination AS (
  SELECT
    *,
    CASE
      WHEN CASE WHEN _sn_amount__scale > 0.0e0 THEN 1.0e0 ELSE 0.0e0 END > 1e-08
      THEN CAST(1.0e0 AS FLOAT) / NULLIF(CASE WHEN _sn_amount__scale > 0.0e0 THEN 1.0e0 ELSE 0.0e0 END, 0.0e0)
      ELSE 0.0e0
    END AS _sn_amount__gain,
    _sn_items__r_0 AS _sn_items__c_0
  FROM correlations
), elimination_2 AS (
  SELECT
    *,
    CASE
      WHEN CASE WHEN _sn_items__scale > 0.0e0 THEN 1.0e0 ELSE 0.0e0 END - (
        (
          _sn_items__c_0 * _sn_items__c_0
        ) * _sn_amount__gain
      ) > 1e-08
      THEN CAST(1.0e0 AS FLOAT) / NULLIF(
        CASE WHEN _sn_items__scale > 0.0e0 THEN 1.0e0 ELSE 0.0e0 END - (
          (
            _sn_items__c_0 * _sn_items__c_0
          ) * _sn_amount__gain
        ),
        0.0e0
      )
      ELSE 0.0e0
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
      THEN CAST(SQRT(CASE WHEN _sn_amount__gain >= 0.0e0 THEN _sn_amount__gain END) AS FLOAT) / NULLIF(_sn_amount__scale, 0.0e0)
      ELSE 0.0e0
    END AS _sn_amount__whiten_0,
    CASE
      WHEN _sn_amount__scale > 0.0e0
      THEN CAST((
        SQRT(CASE WHEN _sn_items__gain >= 0.0e0 THEN _sn_items__gain END) * _sn_items__u_0
      ) AS FLOAT) / NULLIF(_sn_amount__scale, 0.0e0)
      ELSE 0.0e0
    END AS _sn_items__whiten_0,
    CASE
      WHEN _sn_items__scale > 0.0e0
      THEN CAST(SQRT(CASE WHEN _sn_items__gain >= 0.0e0 THEN _sn_items__gain END) AS FLOAT) / NULLIF(_sn_items__scale, 0.0e0)
      ELSE 0.0e0
    END AS _sn_items__whiten_1
  FROM elimination_2
), whitened AS (
  SELECT
    source.*,
    model._sn_amount__n AS _sn_amount__n,
    model._sn_amount__low AS _sn_amount__low,
    model._sn_amount__mean AS _sn_amount__mean,
    model._sn_amount__centre AS _sn_amount__centre,
    model._sn_amount__scale AS _sn_amount__scale,
    model._sn_amount__whiten_0 AS _sn_amount__whiten_0,
    model._sn_items__n AS _sn_items__n,
    model._sn_items__low AS _sn_items__low,
    model._sn_items__mean AS _sn_items__mean,
    model._sn_items__centre AS _sn_items__centre,
    model._sn_items__scale AS _sn_items__scale,
    model._sn_items__whiten_0 AS _sn_items__whiten_0,
    model._sn_items__whiten_1 AS _sn_items__whiten_1,
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
    ON (
      source._sn__key1 = model._sn__key1
      OR (
        source._sn__key1 IS NULL AND model._sn__key1 IS NULL
      )
    )
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
