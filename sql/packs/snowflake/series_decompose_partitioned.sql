-- SELECT id, store,
--        anomaly_score(amount, items, detector => 'series_decompose', period => 7) OVER (PARTITION BY store ORDER BY day) AS score,
--        is_anomaly(amount, items, detector => 'series_decompose', period => 7) OVER (PARTITION BY store ORDER BY day) AS alert,
--        anomaly_reason(amount, items, detector => 'series_decompose', period => 7) OVER (PARTITION BY store ORDER BY day) AS reason,
--        anomaly_status(amount, items, detector => 'series_decompose', period => 7) OVER (PARTITION BY store ORDER BY day) AS status
-- FROM orders
-- ORDER BY id
/* sqlnomaly 0.1.0: series_decompose(amount, items); period = 7, trend = avg, ad_method = ctukey, direction = both, min_rows = 4 */
WITH source AS (
  SELECT
    id,
    store,
    CASE WHEN ABS(amount) <= 1e+150 THEN amount END AS _sn_amount,
    amount AS _sn_amount__raw,
    CAST(items AS DOUBLE) AS _sn_items,
    store AS _sn__key1,
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
), phases AS (
  SELECT
    *,
    CAST(_sn_amount__place - (
      CAST(7.0e0 AS DOUBLE) * FLOOR(_sn_amount__place / NULLIF(CAST(7.0e0 AS DOUBLE), 0.0e0))
    ) AS BIGINT) AS _sn_amount__phase
  FROM placed
), medians AS (
  SELECT
    _sn__key1,
    _sn_amount__phase,
    PERCENTILE_CONT(0.5e0) WITHIN GROUP (ORDER BY
      _sn_amount) AS _sn_amount__median,
    COUNT(_sn_amount) AS _sn_amount__copies,
    PERCENTILE_CONT(0.5e0) WITHIN GROUP (ORDER BY
      _sn_items) AS _sn_items__median,
    COUNT(_sn_items) AS _sn_items__copies
  FROM phases
  WHERE
    _sn__fitted = 1
  GROUP BY
    _sn__key1,
    _sn_amount__phase
), seasons AS (
  SELECT
    *,
    CASE WHEN _sn_amount__copies >= 2 THEN _sn_amount__median END AS _sn_amount__season,
    CASE WHEN _sn_items__copies >= 2 THEN _sn_items__median END AS _sn_items__season
  FROM medians
), unseasoned AS (
  SELECT
    phases.*,
    seasons._sn_amount__season,
    seasons._sn_items__season,
    phases._sn_amount - seasons._sn_amount__season AS _sn_amount__flat,
    phases._sn_items - seasons._sn_items__season AS _sn_items__flat
  FROM phases
  LEFT JOIN seasons
    ON phases._sn__key1 IS NOT DISTINCT FROM seasons._sn__key1
    AND phases._sn_amount__phase IS NOT DISTINCT FROM seasons._sn_amount__phase
), fences AS (
  SELECT
    _sn__key1,
    COUNT(_sn_amount) AS _sn_amount__n,
    PERCENTILE_CONT(0.1e0) WITHIN GROUP (ORDER BY
      _sn_amount__flat) AS _sn_amount__low,
    PERCENTILE_CONT(0.9e0) WITHIN GROUP (ORDER BY
      _sn_amount__flat) AS _sn_amount__high,
    AVG(_sn_amount__flat) AS _sn_amount__level,
    COUNT(_sn_items) AS _sn_items__n,
    PERCENTILE_CONT(0.1e0) WITHIN GROUP (ORDER BY
      _sn_items__flat) AS _sn_items__low,
    PERCENTILE_CONT(0.9e0) WITHIN GROUP (ORDER BY
      _sn_items__flat) AS _sn_items__high,
    AVG(_sn_items__flat) AS _sn_items__level
  FROM unseasoned
  WHERE
    _sn__fitted = 1
  GROUP BY
    _sn__key1
), model AS (
  SELECT
    unseasoned.*,
    fences._sn_amount__n,
    fences._sn_amount__low,
    fences._sn_amount__high,
    fences._sn_amount__level,
    fences._sn_items__n,
    fences._sn_items__low,
    fences._sn_items__high,
    fences._sn_items__level,
    CASE
      WHEN fences._sn_amount__high - fences._sn_amount__low > 1e-150
      AND fences._sn_amount__high - fences._sn_amount__low > 0.0e0
      THEN (
        fences._sn_amount__high - fences._sn_amount__low
      ) / NULLIF(CAST(2.772605605507915e0 AS DOUBLE), 0.0e0)
      ELSE CAST(0.0e0 AS DOUBLE)
    END AS _sn_amount__scale,
    unseasoned._sn_amount__season + (
      CAST(0.5e0 AS DOUBLE) * (
        fences._sn_amount__low + fences._sn_amount__high
      )
    ) AS _sn_amount__centre,
    unseasoned._sn_amount__season + fences._sn_amount__level AS _sn_amount__baseline,
    CASE
      WHEN fences._sn_items__high - fences._sn_items__low > 1e-150
      AND fences._sn_items__high - fences._sn_items__low > 0.0e0
      THEN (
        fences._sn_items__high - fences._sn_items__low
      ) / NULLIF(CAST(2.772605605507915e0 AS DOUBLE), 0.0e0)
      ELSE CAST(0.0e0 AS DOUBLE)
    END AS _sn_items__scale,
    unseasoned._sn_items__season + (
      CAST(0.5e0 AS DOUBLE) * (
        fences._sn_items__low + fences._sn_items__high
      )
    ) AS _sn_items__centre,
    unseasoned._sn_items__season + fences._sn_items__level AS _sn_items__baseline
  FROM unseasoned
  LEFT JOIN fences
    ON unseasoned._sn__key1 IS NOT DISTINCT FROM fences._sn__key1
), terms AS (
  SELECT
    *,
    CASE
      WHEN _sn_amount__n >= 4
      THEN CASE
        WHEN _sn_amount__scale > 0.0e0
        AND GREATEST(_sn_amount__flat - _sn_amount__high, _sn_amount__low - _sn_amount__flat) > 0.0e0
        THEN GREATEST(_sn_amount__flat - _sn_amount__high, _sn_amount__low - _sn_amount__flat) / NULLIF(_sn_amount__scale, 0.0e0)
        WHEN _sn_amount__scale > 0.0e0
        AND GREATEST(_sn_amount__flat - _sn_amount__high, _sn_amount__low - _sn_amount__flat) <= 0.0e0
        THEN CAST(0.0e0 AS DOUBLE)
        WHEN _sn_amount__flat - _sn_amount__high <= 0.0e0
        AND _sn_amount__low - _sn_amount__flat <= 0.0e0
        THEN CAST(0.0e0 AS DOUBLE)
      END
    END AS _sn_amount__term,
    CASE
      WHEN _sn_items__n >= 4
      THEN CASE
        WHEN _sn_items__scale > 0.0e0
        AND GREATEST(_sn_items__flat - _sn_items__high, _sn_items__low - _sn_items__flat) > 0.0e0
        THEN GREATEST(_sn_items__flat - _sn_items__high, _sn_items__low - _sn_items__flat) / NULLIF(_sn_items__scale, 0.0e0)
        WHEN _sn_items__scale > 0.0e0
        AND GREATEST(_sn_items__flat - _sn_items__high, _sn_items__low - _sn_items__flat) <= 0.0e0
        THEN CAST(0.0e0 AS DOUBLE)
        WHEN _sn_items__flat - _sn_items__high <= 0.0e0
        AND _sn_items__low - _sn_items__flat <= 0.0e0
        THEN CAST(0.0e0 AS DOUBLE)
      END
    END AS _sn_items__term,
    CASE
      WHEN (
        NOT _sn_amount IS NULL AND _sn_amount__season IS NULL
      )
      OR (
        NOT _sn_items IS NULL AND _sn_items__season IS NULL
      )
      THEN 'too_few_rows'
    END AS _sn__unscored
  FROM model
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
  _sn__score > 1.5000000015e0 AS alert,
  CASE
    WHEN _sn__score IS NULL
    THEN NULL
    WHEN _sn_amount__term >= _sn__score - (
      CAST(1e-09 AS DOUBLE) * GREATEST(CAST(1.0e0 AS DOUBLE), ABS(_sn__score))
    )
    THEN 'amount'
    WHEN _sn_items__term >= _sn__score - (
      CAST(1e-09 AS DOUBLE) * GREATEST(CAST(1.0e0 AS DOUBLE), ABS(_sn__score))
    )
    THEN 'items'
  END AS reason,
  CASE
    WHEN _sn__order1 IS NULL OR _sn_amount__raw IS NULL OR _sn_items IS NULL
    THEN 'missing_value'
    WHEN _sn_amount IS NULL OR _sn_items IS NULL
    THEN 'out_of_range'
    WHEN COALESCE(_sn_amount__n, 0) < 4 OR COALESCE(_sn_items__n, 0) < 4
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
  id
