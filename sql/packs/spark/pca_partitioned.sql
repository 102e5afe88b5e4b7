-- SELECT id, store,
--        anomaly_score(amount, items, detector => 'pca') OVER (PARTITION BY store) AS score,
--        is_anomaly(amount, items, detector => 'pca') OVER (PARTITION BY store) AS alert,
--        anomaly_reason(amount, items, detector => 'pca') OVER (PARTITION BY store) AS reason,
--        anomaly_status(amount, items, detector => 'pca') OVER (PARTITION BY store) AS status
-- FROM orders
-- ORDER BY id
-- step 1 of 2: fit pca on the client, on the rows of this query
-- it makes relation _sn_model (_sn__key1, _sn_amount__n, _sn_amount__scale, _sn_amount__centre, _sn_amount__unit, _sn_items__n, _sn_items__scale, _sn_items__centre, _sn_items__unit, _sn_amount__varies, _sn_amount__whiten_0, _sn_items__whiten_0, _sn_items__whiten_1, _sn_amount__shift_0, _sn_amount__shift_1, _sn_amount__location, _sn_items__location)
WITH source AS (
  SELECT
    id,
    store,
    CASE WHEN ABS(amount) <= 1e+150 THEN amount END AS _sn_amount,
    amount AS _sn_amount__raw,
    CAST(items AS DOUBLE) AS _sn_items,
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
    VAR_POP(_sn_amount__above) AS _sn_amount__variance,
    COUNT(_sn_items__above) AS _sn_items__n,
    AVG(_sn_items__above) AS _sn_items__mean,
    VAR_POP(_sn_items__above) AS _sn_items__variance,
    COVAR_POP(_sn_items__above, _sn_amount__above) AS _sn_items__with_0
  FROM shifted
  GROUP BY
    _sn__key1
)
SELECT
  *
FROM moments;

-- step 2 of 2: sql
/* sqlnomaly 0.1.0: pca(amount, items); n_components = 0, n_selected_components = 0, weighted = True, standardization = True, form = projection, explained_variance = 0.0, min_rows = 4 */
WITH source AS (
  SELECT
    id,
    store,
    CASE WHEN ABS(amount) <= 1e+150 THEN amount END AS _sn_amount,
    amount AS _sn_amount__raw,
    CAST(items AS DOUBLE) AS _sn_items,
    store AS _sn__key1
  FROM orders
), scaled AS (
  SELECT
    source.*,
    _sn_model._sn_amount__n,
    _sn_model._sn_amount__scale,
    _sn_model._sn_amount__centre,
    _sn_model._sn_amount__unit,
    _sn_model._sn_items__n,
    _sn_model._sn_items__scale,
    _sn_model._sn_items__centre,
    _sn_model._sn_items__unit,
    _sn_model._sn_amount__varies,
    _sn_model._sn_amount__whiten_0,
    _sn_model._sn_items__whiten_0,
    _sn_model._sn_items__whiten_1,
    _sn_model._sn_amount__shift_0,
    _sn_model._sn_amount__shift_1,
    _sn_model._sn_amount__location,
    _sn_model._sn_items__location,
    CASE
      WHEN _sn_model._sn_amount__unit > 0.0e0
      THEN (
        source._sn_amount - _sn_model._sn_amount__centre
      ) / NULLIF(_sn_model._sn_amount__unit, 0.0e0)
      WHEN NOT source._sn_amount IS NULL
      THEN 0.0e0
    END AS _sn_amount__z,
    CASE
      WHEN _sn_model._sn_items__unit > 0.0e0
      THEN (
        source._sn_items - _sn_model._sn_items__centre
      ) / NULLIF(_sn_model._sn_items__unit, 0.0e0)
      WHEN NOT source._sn_items IS NULL
      THEN 0.0e0
    END AS _sn_items__z
  FROM source
  LEFT JOIN _sn_model
    ON source._sn__key1 IS NOT DISTINCT FROM _sn_model._sn__key1
), whitened AS (
  SELECT
    *,
    (
      (
        _sn_amount__whiten_0 * _sn_amount__z
      ) + (
        _sn_items__whiten_0 * _sn_items__z
      )
    ) - _sn_amount__shift_0 AS _sn_amount__y_0,
    (
      _sn_items__whiten_1 * _sn_items__z
    ) - _sn_amount__shift_1 AS _sn_amount__y_1
  FROM scaled
), scored AS (
  SELECT
    *,
    CASE
      WHEN _sn_amount__n >= 4
      THEN CASE
        WHEN _sn_amount__varies = 1 AND NOT _sn_amount IS NULL AND NOT _sn_items IS NULL
        THEN (
          _sn_amount__y_0 * _sn_amount__y_0
        ) + (
          _sn_amount__y_1 * _sn_amount__y_1
        )
        WHEN NOT (
          _sn_amount__varies = 1
        )
        AND _sn_amount = _sn_amount__centre
        AND _sn_items = _sn_items__centre
        THEN 0.0e0
      END
    END AS _sn__score,
    CASE
      WHEN _sn_amount__n >= 4
      THEN CASE
        WHEN _sn_amount__varies = 1 AND NOT _sn_amount IS NULL AND NOT _sn_items IS NULL
        THEN (
          _sn_amount__z - _sn_amount__location
        ) * (
          _sn_amount__whiten_0 * _sn_amount__y_0
        )
        WHEN NOT (
          _sn_amount__varies = 1
        )
        AND _sn_amount = _sn_amount__centre
        AND _sn_items = _sn_items__centre
        THEN 0.0e0
      END
    END AS _sn_amount__term,
    CASE
      WHEN _sn_items__n >= 4
      THEN CASE
        WHEN _sn_amount__varies = 1 AND NOT _sn_amount IS NULL AND NOT _sn_items IS NULL
        THEN (
          _sn_items__z - _sn_items__location
        ) * (
          (
            _sn_items__whiten_0 * _sn_amount__y_0
          ) + (
            _sn_items__whiten_1 * _sn_amount__y_1
          )
        )
        WHEN NOT (
          _sn_amount__varies = 1
        )
        AND _sn_amount = _sn_amount__centre
        AND _sn_items = _sn_items__centre
        THEN 0.0e0
      END
    END AS _sn_items__term
  FROM whitened
), largest AS (
  SELECT
    *,
    CASE
      WHEN NOT _sn_amount__term IS NULL AND NOT _sn_items__term IS NULL
      THEN GREATEST(_sn_amount__term, _sn_items__term)
    END AS _sn__best
  FROM scored
), cutoff AS (
  SELECT
    _sn__key1,
    PERCENTILE(_sn__score, 0.99e0) AS _sn__cutoff1
  FROM largest
  GROUP BY
    _sn__key1
), limited AS (
  SELECT
    largest.*,
    cutoff._sn__cutoff1
  FROM largest
  LEFT JOIN cutoff
    ON largest._sn__key1 IS NOT DISTINCT FROM cutoff._sn__key1
)
SELECT
  id,
  store,
  _sn__score AS score,
  _sn__score > CASE
    WHEN NOT _sn__cutoff1 IS NULL
    THEN _sn__cutoff1 + (
      1e-06 * GREATEST(1.0e0, ABS(_sn__cutoff1))
    )
  END AS alert,
  CASE
    WHEN _sn__score IS NULL
    THEN NULL
    WHEN _sn_amount__term >= _sn__best - (
      1e-06 * GREATEST(1.0e0, ABS(_sn__best))
    )
    THEN 'amount'
    WHEN _sn_items__term >= _sn__best - (
      1e-06 * GREATEST(1.0e0, ABS(_sn__best))
    )
    THEN 'items'
  END AS reason,
  CASE
    WHEN _sn_amount__raw IS NULL OR _sn_items IS NULL
    THEN 'missing_value'
    WHEN _sn_amount IS NULL OR _sn_items IS NULL
    THEN 'out_of_range'
    WHEN COALESCE(_sn_amount__n, 0) < 4 OR COALESCE(_sn_items__n, 0) < 4
    THEN 'too_few_rows'
    WHEN _sn__score IS NULL
    OR (
      _sn_amount__scale = 0.0e0 AND _sn_items__scale = 0.0e0
    )
    THEN 'constant_baseline'
    ELSE 'ok'
  END AS status
FROM limited
ORDER BY
  id NULLS LAST;
