-- SELECT id, store,
--        anomaly_score(items, disputed, detector => 'avf') OVER (PARTITION BY store) AS score,
--        is_anomaly(items, disputed, detector => 'avf') OVER (PARTITION BY store) AS alert,
--        anomaly_reason(items, disputed, detector => 'avf') OVER (PARTITION BY store) AS reason,
--        anomaly_status(items, disputed, detector => 'avf') OVER (PARTITION BY store) AS status
-- FROM orders
-- ORDER BY id
/* sqlnomaly 0.1.0: avf(items, disputed); min_rows = 3 */
WITH source AS (
  SELECT
    id,
    store,
    CAST(items AS STRING) AS _sn_items,
    CASE WHEN disputed THEN 'true' WHEN NOT disputed THEN 'false' END AS _sn_disputed,
    store AS _sn__key1
  FROM orders
), counts AS (
  SELECT
    *,
    COUNT(_sn_items) OVER (PARTITION BY _sn__key1, _sn_items) AS _sn_items__count,
    COUNT(_sn_items) OVER (PARTITION BY _sn__key1) AS _sn_items__n,
    1.0e0 AS _sn_items__scale,
    COUNT(_sn_disputed) OVER (PARTITION BY _sn__key1, _sn_disputed) AS _sn_disputed__count,
    COUNT(_sn_disputed) OVER (PARTITION BY _sn__key1) AS _sn_disputed__n,
    1.0e0 AS _sn_disputed__scale
  FROM source
), terms AS (
  SELECT
    *,
    CASE
      WHEN _sn_items__n >= 3
      THEN (
        1.0e0 - CASE
          WHEN NOT _sn_items IS NULL
          THEN CAST(COALESCE(_sn_items__count, 0) AS FLOAT64) / NULLIF(_sn_items__n, 0.0e0)
        END
      ) / NULLIF(2.0e0, 0.0e0)
    END AS _sn_items__term,
    CASE
      WHEN _sn_disputed__n >= 3
      THEN (
        1.0e0 - CASE
          WHEN NOT _sn_disputed IS NULL
          THEN CAST(COALESCE(_sn_disputed__count, 0) AS FLOAT64) / NULLIF(_sn_disputed__n, 0.0e0)
        END
      ) / NULLIF(2.0e0, 0.0e0)
    END AS _sn_disputed__term
  FROM counts
), scored AS (
  SELECT
    *,
    CASE
      WHEN NOT _sn_items__term IS NULL AND NOT _sn_disputed__term IS NULL
      THEN _sn_items__term + _sn_disputed__term
    END AS _sn__score,
    CASE
      WHEN NOT _sn_items__term IS NULL AND NOT _sn_disputed__term IS NULL
      THEN GREATEST(_sn_items__term, _sn_disputed__term)
    END AS _sn__best
  FROM terms
), cutoff_quantiles AS (
  SELECT
    *,
    PERCENTILE_CONT(_sn__score, 0.99e0) OVER (PARTITION BY _sn__key1) AS _sn__cutoff1_each
  FROM scored
), cutoff AS (
  SELECT
    _sn__key1,
    MIN(_sn__cutoff1_each) AS _sn__cutoff1
  FROM cutoff_quantiles
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
  store,
  _sn__score AS score,
  _sn__score > CASE
    WHEN NOT _sn__cutoff1 IS NULL
    THEN _sn__cutoff1 + (
      1e-09 * GREATEST(1.0e0, ABS(_sn__cutoff1))
    )
  END AS alert,
  CASE
    WHEN _sn__score IS NULL
    THEN NULL
    WHEN _sn_items__term >= _sn__best - (
      1e-09 * GREATEST(1.0e0, ABS(_sn__best))
    )
    THEN 'items'
    WHEN _sn_disputed__term >= _sn__best - (
      1e-09 * GREATEST(1.0e0, ABS(_sn__best))
    )
    THEN 'disputed'
  END AS reason,
  CASE
    WHEN _sn_items IS NULL OR _sn_disputed IS NULL
    THEN 'missing_value'
    WHEN COALESCE(_sn_items__n, 0) < 3 OR COALESCE(_sn_disputed__n, 0) < 3
    THEN 'too_few_rows'
    WHEN _sn__score IS NULL OR (
      FALSE AND FALSE
    )
    THEN 'constant_baseline'
    ELSE 'ok'
  END AS status
FROM limited
ORDER BY
  id NULLS LAST
