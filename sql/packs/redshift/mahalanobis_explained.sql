-- SELECT id, anomaly_probability(amount, items, detector => 'mahalanobis') OVER (PARTITION BY store) AS probability,
--        anomaly_explanation(amount, items, detector => 'mahalanobis') OVER (PARTITION BY store) AS explanation
-- FROM orders
/* sqlnomaly 0.1.0: mahalanobis(amount, items); ddof = 1, min_rows = 4 */
WITH source AS (
  SELECT
    id,
    CASE WHEN ABS(amount) <= 1e+150 THEN amount END AS _sn_amount,
    CAST(items AS DOUBLE PRECISION) AS _sn_items,
    store AS _sn__key1
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
    ON (
      complete._sn__key1 = bounds._sn__key1
      OR (
        complete._sn__key1 IS NULL AND bounds._sn__key1 IS NULL
      )
    )
), moments AS (
  SELECT
    _sn__key1,
    MIN(_sn_amount__low) AS _sn_amount__low,
    MIN(_sn_amount__high) AS _sn_amount__high,
    MIN(_sn_items__low) AS _sn_items__low,
    MIN(_sn_items__high) AS _sn_items__high,
    COUNT(_sn_amount__above) AS _sn_amount__n,
    AVG(_sn_amount__above) AS _sn_amount__mean,
    VAR_POP(_sn_amount__above) AS _sn_amount__variance,
    COUNT(_sn_items__above) AS _sn_items__n,
    AVG(_sn_items__above) AS _sn_items__mean,
    VAR_POP(_sn_items__above) AS _sn_items__variance,
    AVG(_sn_items__above * _sn_amount__above) - AVG(_sn_items__above) * AVG(_sn_amount__above) AS _sn_items__with_0
  FROM shifted
  GROUP BY
    _sn__key1
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
    _sn_amount__low + _sn_amount__mean AS _sn_amount__centre,
    CASE
      WHEN _sn_items__low < _sn_items__high
      AND CAST((
        _sn_items__variance * _sn_items__n
      ) AS DOUBLE PRECISION) / NULLIF(_sn_items__n - 1, 0.0e0) > 1e-300
      THEN SQRT(
        CASE
          WHEN CAST((
            _sn_items__variance * _sn_items__n
          ) AS DOUBLE PRECISION) / NULLIF(_sn_items__n - 1, 0.0e0) >= 0.0e0
          THEN CAST((
            _sn_items__variance * _sn_items__n
          ) AS DOUBLE PRECISION) / NULLIF(_sn_items__n - 1, 0.0e0)
        END
      )
      ELSE CAST(0.0e0 AS DOUBLE PRECISION)
    END AS _sn_items__scale,
    _sn_items__low + _sn_items__mean AS _sn_items__centre
  FROM moments
), correlations AS (
  SELECT
    *,
    CASE
      WHEN _sn_items__scale > 0.0e0 AND _sn_amount__scale > 0.0e0
      THEN CAST(_sn_items__with_0 AS DOUBLE PRECISION) / NULLIF(
        SQRT(CASE WHEN _sn_items__variance >= 0.0e0 THEN _sn_items__variance END) * SQRT(CASE WHEN _sn_amount__variance >= 0.0e0 THEN _sn_amount__variance END),
        0.0e0
      )
      ELSE CAST(0.0e0 AS DOUBLE PRECISION)
    END AS _sn_items__r_0
  FROM scales
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
    END AS _sn_amount__gain,
    _sn_items__r_0 AS _sn_items__c_0
  FROM correlations
), elimination_2 AS (
  SELECT
    *,
    CASE
      WHEN CASE
        WHEN _sn_items__scale > 0.0e0
        THEN CAST(1.0e0 AS DOUBLE PRECISION)
        ELSE CAST(0.0e0 AS DOUBLE PRECISION)
      END - (
        (
          _sn_items__c_0 * _sn_items__c_0
        ) * _sn_amount__gain
      ) > 1e-08
      THEN CAST(1.0e0 AS DOUBLE PRECISION) / NULLIF(
        CASE
          WHEN _sn_items__scale > 0.0e0
          THEN CAST(1.0e0 AS DOUBLE PRECISION)
          ELSE CAST(0.0e0 AS DOUBLE PRECISION)
        END - (
          (
            _sn_items__c_0 * _sn_items__c_0
          ) * _sn_amount__gain
        ),
        0.0e0
      )
      ELSE CAST(0.0e0 AS DOUBLE PRECISION)
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
      THEN CAST(SQRT(CASE WHEN _sn_amount__gain >= 0.0e0 THEN _sn_amount__gain END) AS DOUBLE PRECISION) / NULLIF(_sn_amount__scale, 0.0e0)
      ELSE CAST(0.0e0 AS DOUBLE PRECISION)
    END AS _sn_amount__whiten_0,
    CASE
      WHEN _sn_amount__scale > 0.0e0
      THEN CAST((
        SQRT(CASE WHEN _sn_items__gain >= 0.0e0 THEN _sn_items__gain END) * _sn_items__u_0
      ) AS DOUBLE PRECISION) / NULLIF(_sn_amount__scale, 0.0e0)
      ELSE CAST(0.0e0 AS DOUBLE PRECISION)
    END AS _sn_items__whiten_0,
    CASE
      WHEN _sn_items__scale > 0.0e0
      THEN CAST(SQRT(CASE WHEN _sn_items__gain >= 0.0e0 THEN _sn_items__gain END) AS DOUBLE PRECISION) / NULLIF(_sn_items__scale, 0.0e0)
      ELSE CAST(0.0e0 AS DOUBLE PRECISION)
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
    END AS _sn__score,
    CASE
      WHEN _sn_amount__n >= 4
      THEN (
        (
          _sn_amount - _sn_amount__low
        ) - _sn_amount__mean
      ) * (
        (
          _sn_amount__whiten_0 * _sn_amount__y
        ) + (
          _sn_items__whiten_0 * _sn_items__y
        )
      )
    END AS _sn_amount__term,
    CASE
      WHEN _sn_items__n >= 4
      THEN (
        (
          _sn_items - _sn_items__low
        ) - _sn_items__mean
      ) * (
        _sn_items__whiten_1 * _sn_items__y
      )
    END AS _sn_items__term,
    CASE
      WHEN (
        _sn_amount__whiten_0 * _sn_amount__whiten_0
      ) + (
        _sn_items__whiten_0 * _sn_items__whiten_0
      ) > 0.0e0
      THEN _sn_amount - (
        CAST((
          (
            _sn_amount__whiten_0 * _sn_amount__y
          ) + (
            _sn_items__whiten_0 * _sn_items__y
          )
        ) AS DOUBLE PRECISION) / NULLIF(
          (
            _sn_amount__whiten_0 * _sn_amount__whiten_0
          ) + (
            _sn_items__whiten_0 * _sn_items__whiten_0
          ),
          0.0e0
        )
      )
      ELSE _sn_amount__centre
    END AS _sn_amount__expected,
    CASE
      WHEN _sn_items__whiten_1 * _sn_items__whiten_1 > 0.0e0
      THEN _sn_items - (
        CAST((
          _sn_items__whiten_1 * _sn_items__y
        ) AS DOUBLE PRECISION) / NULLIF(_sn_items__whiten_1 * _sn_items__whiten_1, 0.0e0)
      )
      ELSE _sn_items__centre
    END AS _sn_items__expected
  FROM whitened
), largest AS (
  SELECT
    *,
    CASE
      WHEN NOT _sn_amount__term IS NULL AND NOT _sn_items__term IS NULL
      THEN GREATEST(_sn_amount__term, _sn_items__term)
    END AS _sn__best
  FROM scored
), ranked_running AS (
  SELECT
    *,
    COUNT(_sn__score) OVER (
      PARTITION BY _sn__key1
      ORDER BY CASE WHEN _sn__score IS NULL THEN 1 ELSE 0 END, COALESCE(_sn__score, CAST(0.0e0 AS DOUBLE PRECISION)) DESC
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS _sn__not_below_running1
  FROM largest
), ranked AS (
  SELECT
    *,
    COUNT(_sn__score) OVER (PARTITION BY _sn__key1) AS _sn__scores,
    MAX(_sn__not_below_running1) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__score IS NULL THEN 1 ELSE 0 END, COALESCE(_sn__score, CAST(0.0e0 AS DOUBLE PRECISION))
    ) AS _sn__not_below
  FROM ranked_running
), reasons AS (
  SELECT
    *,
    CASE
      WHEN _sn__score IS NULL
      THEN NULL
      WHEN _sn_amount__term >= _sn__best - (
        CAST(1e-06 AS DOUBLE PRECISION) * GREATEST(CAST(1.0e0 AS DOUBLE PRECISION), ABS(_sn__best))
      )
      THEN 1
      WHEN _sn_items__term >= _sn__best - (
        CAST(1e-06 AS DOUBLE PRECISION) * GREATEST(CAST(1.0e0 AS DOUBLE PRECISION), ABS(_sn__best))
      )
      THEN 2
    END AS _sn__first1
  FROM ranked
), items_2 AS (
  SELECT
    *,
    '{"feature": "amount", "value": ' || COALESCE(CAST(_sn_amount AS VARCHAR(32)), 'null') || ', "expected": ' || COALESCE(CAST(_sn_amount__expected AS VARCHAR(32)), 'null') || ', "contribution": ' || COALESCE(CAST(_sn_amount__term AS VARCHAR(32)), 'null') || '}' AS _sn_amount__item1,
    CASE
      WHEN _sn__first1 = 1
      THEN CAST(1e+300 AS DOUBLE PRECISION)
      ELSE COALESCE(_sn_amount__term, -CAST(1e+300 AS DOUBLE PRECISION))
    END AS _sn_amount__key1,
    '{"feature": "items", "value": ' || COALESCE(CAST(_sn_items AS VARCHAR(32)), 'null') || ', "expected": ' || COALESCE(CAST(_sn_items__expected AS VARCHAR(32)), 'null') || ', "contribution": ' || COALESCE(CAST(_sn_items__term AS VARCHAR(32)), 'null') || '}' AS _sn_items__item1,
    CASE
      WHEN _sn__first1 = 2
      THEN CAST(1e+300 AS DOUBLE PRECISION)
      ELSE COALESCE(_sn_items__term, -CAST(1e+300 AS DOUBLE PRECISION))
    END AS _sn_items__key1
  FROM reasons
), places AS (
  SELECT
    *,
    1 + CASE WHEN _sn_items__key1 > _sn_amount__key1 THEN 1 ELSE 0 END AS _sn_amount__place1,
    1 + CASE WHEN _sn_amount__key1 >= _sn_items__key1 THEN 1 ELSE 0 END AS _sn_items__place1
  FROM items_2
)
SELECT
  id,
  CASE
    WHEN NOT _sn__score IS NULL
    THEN CAST(1.0e0 AS DOUBLE PRECISION) - (
      CAST(_sn__not_below AS DOUBLE PRECISION) / NULLIF(CAST(_sn__scores AS DOUBLE PRECISION), 0.0e0)
    )
  END AS probability,
  CASE
    WHEN NOT _sn__first1 IS NULL
    THEN '[' || CASE
      WHEN _sn_amount__place1 = 1
      THEN _sn_amount__item1
      WHEN _sn_items__place1 = 1
      THEN _sn_items__item1
    END || ', ' || CASE
      WHEN _sn_amount__place1 = 2
      THEN _sn_amount__item1
      WHEN _sn_items__place1 = 2
      THEN _sn_items__item1
    END || ']'
  END AS explanation
FROM places
