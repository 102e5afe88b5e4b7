-- SELECT id, store,
--        anomaly_score(amount, items, detector => 'sub_pca', window => 2, causal => FALSE, min_rows => 10) OVER (PARTITION BY store ORDER BY day) AS score,
--        is_anomaly(amount, items, detector => 'sub_pca', window => 2, causal => FALSE, min_rows => 10) OVER (PARTITION BY store ORDER BY day) AS alert,
--        anomaly_reason(amount, items, detector => 'sub_pca', window => 2, causal => FALSE, min_rows => 10) OVER (PARTITION BY store ORDER BY day) AS reason,
--        anomaly_status(amount, items, detector => 'sub_pca', window => 2, causal => FALSE, min_rows => 10) OVER (PARTITION BY store ORDER BY day) AS status
-- FROM orders
-- ORDER BY id
-- step 1 of 2: fit sub_pca on the client, on the rows of this query
-- it makes relation _sn_model (_sn__key1, _sn_amount__place, _sn_amount__n, _sn_amount__centre, _sn_amount__scale, _sn_amount__odd, _sn_items__n, _sn_items__centre, _sn_items__scale, _sn_items__odd)
WITH source AS (
  SELECT
    id,
    store,
    CASE WHEN ABS(amount) <= 1e+150 THEN amount END AS _sn_amount,
    amount AS _sn_amount__raw,
    CAST(items AS DOUBLE) AS _sn_items,
    store AS _sn__key1,
    EPOCH(CAST(day AS TIMESTAMP)) AS _sn__time,
    day AS _sn__order1,
    CASE WHEN NOT day IS NULL THEN 1 ELSE 0 END AS _sn__fitted
  FROM orders
), placed AS (
  SELECT
    *,
    CASE
      WHEN NOT _sn__order1 IS NULL
      THEN CAST(DENSE_RANK() OVER (
        PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
        ORDER BY _sn__order1 ASC
      ) AS DOUBLE)
    END AS _sn_amount__place
  FROM source
), points AS (
  SELECT
    _sn__key1,
    _sn_amount__place,
    MIN(_sn__time) AS _sn_amount__time,
    CASE
      WHEN MIN(CASE WHEN _sn__fitted = 1 THEN _sn_amount END) = MAX(CASE WHEN _sn__fitted = 1 THEN _sn_amount END)
      THEN MIN(CASE WHEN _sn__fitted = 1 THEN _sn_amount END)
      ELSE FAVG(CASE WHEN _sn__fitted = 1 THEN _sn_amount END)
    END AS _sn_amount__x,
    CASE
      WHEN MIN(CASE WHEN _sn__fitted = 1 THEN _sn_items END) = MAX(CASE WHEN _sn__fitted = 1 THEN _sn_items END)
      THEN MIN(CASE WHEN _sn__fitted = 1 THEN _sn_items END)
      ELSE FAVG(CASE WHEN _sn__fitted = 1 THEN _sn_items END)
    END AS _sn_items__x
  FROM placed
  GROUP BY
    _sn__key1,
    _sn_amount__place
)
SELECT
  *
FROM points;

-- step 2 of 2: sql
/* sqlnomaly 0.1.0: sub_pca(amount, items); window = 2, causal = False, ridge = 10.0, min_rows = 10 */
WITH source AS (
  SELECT
    id,
    store,
    CASE WHEN ABS(amount) <= 1e+150 THEN amount END AS _sn_amount,
    amount AS _sn_amount__raw,
    CAST(items AS DOUBLE) AS _sn_items,
    store AS _sn__key1,
    EPOCH(CAST(day AS TIMESTAMP)) AS _sn__time,
    day AS _sn__order1,
    CASE WHEN NOT day IS NULL THEN 1 ELSE 0 END AS _sn__fitted
  FROM orders
), placed_2 AS (
  SELECT
    *,
    CASE
      WHEN NOT _sn__order1 IS NULL
      THEN CAST(DENSE_RANK() OVER (
        PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
        ORDER BY _sn__order1 ASC
      ) AS DOUBLE)
    END AS _sn_amount__place
  FROM source
), beside AS (
  SELECT
    placed_2.*,
    _sn_model._sn_amount__n,
    _sn_model._sn_amount__centre,
    _sn_model._sn_amount__scale,
    _sn_model._sn_amount__odd,
    _sn_model._sn_items__n,
    _sn_model._sn_items__centre,
    _sn_model._sn_items__scale,
    _sn_model._sn_items__odd
  FROM placed_2
  LEFT JOIN _sn_model
    ON placed_2._sn__key1 IS NOT DISTINCT FROM _sn_model._sn__key1
    AND placed_2._sn_amount__place IS NOT DISTINCT FROM _sn_model._sn_amount__place
), terms AS (
  SELECT
    *,
    CASE
      WHEN _sn_amount__n >= 10
      THEN CASE
        WHEN _sn_amount__scale > 0.0e0 AND NOT _sn_amount IS NULL
        THEN _sn_amount__odd
        WHEN _sn_amount = _sn_amount__centre
        THEN 0.0e0
      END
    END AS _sn_amount__term,
    CASE
      WHEN _sn_items__n >= 10
      THEN CASE
        WHEN _sn_items__scale > 0.0e0 AND NOT _sn_items IS NULL
        THEN _sn_items__odd
        WHEN _sn_items = _sn_items__centre
        THEN 0.0e0
      END
    END AS _sn_items__term,
    CASE
      WHEN (
        NOT _sn_amount IS NULL AND _sn_amount__odd IS NULL
      )
      OR (
        NOT _sn_items IS NULL AND _sn_items__odd IS NULL
      )
      THEN 'too_few_rows'
    END AS _sn__unscored
  FROM beside
), scored AS (
  SELECT
    *,
    CASE
      WHEN NOT _sn_amount__term IS NULL AND NOT _sn_items__term IS NULL
      THEN GREATEST(_sn_amount__term, _sn_items__term)
    END AS _sn__score
  FROM terms
)
SELECT
  id,
  store,
  _sn__score AS score,
  _sn__score > 3.000000003e0 AS alert,
  CASE
    WHEN _sn__score IS NULL
    THEN NULL
    WHEN _sn_amount__term >= _sn__score - (
      1e-09 * GREATEST(1.0e0, ABS(_sn__score))
    )
    THEN 'amount'
    WHEN _sn_items__term >= _sn__score - (
      1e-09 * GREATEST(1.0e0, ABS(_sn__score))
    )
    THEN 'items'
  END AS reason,
  CASE
    WHEN _sn__order1 IS NULL OR _sn_amount__raw IS NULL OR _sn_items IS NULL
    THEN 'missing_value'
    WHEN _sn_amount IS NULL OR _sn_items IS NULL
    THEN 'out_of_range'
    WHEN COALESCE(_sn_amount__n, 0) < 10 OR COALESCE(_sn_items__n, 0) < 10
    THEN 'too_few_rows'
    WHEN NOT _sn__unscored IS NULL
    THEN _sn__unscored
    WHEN _sn__score IS NULL
    OR (
      _sn_amount__scale = 0.0e0 AND _sn_items__scale = 0.0e0
    )
    THEN 'constant_baseline'
    ELSE 'ok'
  END AS status
FROM scored
ORDER BY
  id;
