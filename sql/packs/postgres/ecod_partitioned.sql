-- SELECT id, store,
--        anomaly_score(amount, items, detector => 'ecod') OVER (PARTITION BY store) AS score,
--        is_anomaly(amount, items, detector => 'ecod') OVER (PARTITION BY store) AS alert,
--        anomaly_reason(amount, items, detector => 'ecod') OVER (PARTITION BY store) AS reason,
--        anomaly_status(amount, items, detector => 'ecod') OVER (PARTITION BY store) AS status
-- FROM orders
-- ORDER BY id
/* sqlnomaly 0.1.0: ecod(amount, items); exact = True, min_rows = 3 */
WITH source AS (
  SELECT
    id,
    store,
    CASE WHEN ABS(amount) <= 1e+150 THEN amount END AS _sn_amount,
    amount AS _sn_amount__raw,
    CAST(items AS DOUBLE PRECISION) AS _sn_items,
    store AS _sn__key1
  FROM orders
), ranks AS (
  SELECT
    *,
    RANK() OVER (
      PARTITION BY _sn__key1
      ORDER BY COALESCE(_sn_amount, CAST(1e+300 AS DOUBLE PRECISION))
    ) AS _sn_amount__rank,
    COUNT(_sn_amount) OVER (
      PARTITION BY _sn__key1
      ORDER BY COALESCE(_sn_amount, CAST(1e+300 AS DOUBLE PRECISION))
    ) AS _sn_amount__below
  FROM source
  OFFSET 0
), bounds AS (
  SELECT
    _sn__key1,
    COUNT(_sn_amount) AS _sn_amount__n,
    AVG(_sn_amount) AS _sn_amount__mean,
    MIN(_sn_amount) AS _sn_amount__low,
    MAX(_sn_amount) AS _sn_amount__high,
    COUNT(_sn_items) AS _sn_items__n,
    AVG(_sn_items) AS _sn_items__mean,
    MIN(_sn_items) AS _sn_items__low,
    MAX(_sn_items) AS _sn_items__high
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
    MIN(bounds._sn_items__n) AS _sn_items__n,
    MIN(bounds._sn_items__mean) AS _sn_items__mean,
    MIN(bounds._sn_items__low) AS _sn_items__low,
    MIN(bounds._sn_items__high) AS _sn_items__high,
    SUM(
      (
        (
          CAST((
            source._sn_amount - bounds._sn_amount__mean
          ) AS DOUBLE PRECISION) / NULLIF(bounds._sn_amount__high - bounds._sn_amount__low, 0.0e0)
        ) * (
          CAST((
            source._sn_amount - bounds._sn_amount__mean
          ) AS DOUBLE PRECISION) / NULLIF(bounds._sn_amount__high - bounds._sn_amount__low, 0.0e0)
        )
      ) * (
        CAST((
          source._sn_amount - bounds._sn_amount__mean
        ) AS DOUBLE PRECISION) / NULLIF(bounds._sn_amount__high - bounds._sn_amount__low, 0.0e0)
      )
    ) AS _sn_amount__skew,
    SUM(
      ABS(
        (
          (
            CAST((
              source._sn_amount - bounds._sn_amount__mean
            ) AS DOUBLE PRECISION) / NULLIF(bounds._sn_amount__high - bounds._sn_amount__low, 0.0e0)
          ) * (
            CAST((
              source._sn_amount - bounds._sn_amount__mean
            ) AS DOUBLE PRECISION) / NULLIF(bounds._sn_amount__high - bounds._sn_amount__low, 0.0e0)
          )
        ) * (
          CAST((
            source._sn_amount - bounds._sn_amount__mean
          ) AS DOUBLE PRECISION) / NULLIF(bounds._sn_amount__high - bounds._sn_amount__low, 0.0e0)
        )
      )
    ) AS _sn_amount__bulk,
    SUM(
      (
        (
          CAST((
            source._sn_items - bounds._sn_items__mean
          ) AS DOUBLE PRECISION) / NULLIF(bounds._sn_items__high - bounds._sn_items__low, 0.0e0)
        ) * (
          CAST((
            source._sn_items - bounds._sn_items__mean
          ) AS DOUBLE PRECISION) / NULLIF(bounds._sn_items__high - bounds._sn_items__low, 0.0e0)
        )
      ) * (
        CAST((
          source._sn_items - bounds._sn_items__mean
        ) AS DOUBLE PRECISION) / NULLIF(bounds._sn_items__high - bounds._sn_items__low, 0.0e0)
      )
    ) AS _sn_items__skew,
    SUM(
      ABS(
        (
          (
            CAST((
              source._sn_items - bounds._sn_items__mean
            ) AS DOUBLE PRECISION) / NULLIF(bounds._sn_items__high - bounds._sn_items__low, 0.0e0)
          ) * (
            CAST((
              source._sn_items - bounds._sn_items__mean
            ) AS DOUBLE PRECISION) / NULLIF(bounds._sn_items__high - bounds._sn_items__low, 0.0e0)
          )
        ) * (
          CAST((
            source._sn_items - bounds._sn_items__mean
          ) AS DOUBLE PRECISION) / NULLIF(bounds._sn_items__high - bounds._sn_items__low, 0.0e0)
        )
      )
    ) AS _sn_items__bulk
  FROM source
  LEFT JOIN bounds
    ON ARRAY[source._sn__key1] = ARRAY[bounds._sn__key1]
  GROUP BY
    source._sn__key1
), model AS (
  SELECT
    *,
    CASE
      WHEN _sn_amount__high > _sn_amount__low
      THEN _sn_amount__high - _sn_amount__low
      ELSE CAST(0.0e0 AS DOUBLE PRECISION)
    END AS _sn_amount__scale,
    CASE
      WHEN ABS(_sn_amount__skew) <= CAST(1e-09 AS DOUBLE PRECISION) * _sn_amount__bulk
      THEN 0
      WHEN _sn_amount__skew > 0.0e0
      THEN 1
      ELSE -1
    END AS _sn_amount__side,
    CASE
      WHEN _sn_items__high > _sn_items__low
      THEN _sn_items__high - _sn_items__low
      ELSE CAST(0.0e0 AS DOUBLE PRECISION)
    END AS _sn_items__scale,
    CASE
      WHEN ABS(_sn_items__skew) <= CAST(1e-09 AS DOUBLE PRECISION) * _sn_items__bulk
      THEN 0
      WHEN _sn_items__skew > 0.0e0
      THEN 1
      ELSE -1
    END AS _sn_items__side
  FROM skew
  OFFSET 0
), tails AS (
  SELECT
    ranks.*,
    CASE
      WHEN model._sn_amount__scale = 0.0e0 AND ranks._sn_amount = model._sn_amount__low
      THEN CAST(0.0e0 AS DOUBLE PRECISION)
      WHEN NOT ranks._sn_amount IS NULL AND model._sn_amount__scale > 0.0e0
      THEN -LN(
        CASE
          WHEN model._sn_amount__side = 0
          THEN (
            CAST(GREATEST(COALESCE(ranks._sn_amount__below, 0), 1) AS DOUBLE PRECISION) / NULLIF(model._sn_amount__n, 0.0e0)
          ) * (
            CAST(GREATEST(COALESCE((
              model._sn_amount__n + 1
            ) - ranks._sn_amount__rank, 0), 1) AS DOUBLE PRECISION) / NULLIF(model._sn_amount__n, 0.0e0)
          )
          ELSE LEAST(
            CAST(GREATEST(COALESCE(ranks._sn_amount__below, 0), 1) AS DOUBLE PRECISION) / NULLIF(model._sn_amount__n, 0.0e0),
            CAST(GREATEST(COALESCE((
              model._sn_amount__n + 1
            ) - ranks._sn_amount__rank, 0), 1) AS DOUBLE PRECISION) / NULLIF(model._sn_amount__n, 0.0e0)
          )
        END
      )
    END AS _sn_amount__tail
  FROM ranks
  LEFT JOIN model
    ON ARRAY[ranks._sn__key1] = ARRAY[model._sn__key1]
  OFFSET 0
), ranks_2 AS (
  SELECT
    *,
    RANK() OVER (
      PARTITION BY _sn__key1
      ORDER BY COALESCE(_sn_items, CAST(1e+300 AS DOUBLE PRECISION))
    ) AS _sn_items__rank,
    COUNT(_sn_items) OVER (
      PARTITION BY _sn__key1
      ORDER BY COALESCE(_sn_items, CAST(1e+300 AS DOUBLE PRECISION))
    ) AS _sn_items__below
  FROM tails
  OFFSET 0
), tails_2 AS (
  SELECT
    ranks_2.*,
    CASE
      WHEN model._sn_items__scale = 0.0e0 AND ranks_2._sn_items = model._sn_items__low
      THEN CAST(0.0e0 AS DOUBLE PRECISION)
      WHEN NOT ranks_2._sn_items IS NULL AND model._sn_items__scale > 0.0e0
      THEN -LN(
        CASE
          WHEN model._sn_items__side = 0
          THEN (
            CAST(GREATEST(COALESCE(ranks_2._sn_items__below, 0), 1) AS DOUBLE PRECISION) / NULLIF(model._sn_items__n, 0.0e0)
          ) * (
            CAST(GREATEST(COALESCE((
              model._sn_items__n + 1
            ) - ranks_2._sn_items__rank, 0), 1) AS DOUBLE PRECISION) / NULLIF(model._sn_items__n, 0.0e0)
          )
          ELSE LEAST(
            CAST(GREATEST(COALESCE(ranks_2._sn_items__below, 0), 1) AS DOUBLE PRECISION) / NULLIF(model._sn_items__n, 0.0e0),
            CAST(GREATEST(COALESCE((
              model._sn_items__n + 1
            ) - ranks_2._sn_items__rank, 0), 1) AS DOUBLE PRECISION) / NULLIF(model._sn_items__n, 0.0e0)
          )
        END
      )
    END AS _sn_items__tail
  FROM ranks_2
  LEFT JOIN model
    ON ARRAY[ranks_2._sn__key1] = ARRAY[model._sn__key1]
  OFFSET 0
), placed AS (
  SELECT
    tails_2.*,
    model._sn_amount__n,
    model._sn_amount__scale,
    model._sn_items__n,
    model._sn_items__scale
  FROM tails_2
  LEFT JOIN model
    ON ARRAY[tails_2._sn__key1] = ARRAY[model._sn__key1]
  OFFSET 0
), terms AS (
  SELECT
    *,
    CASE WHEN _sn_amount__n >= 3 THEN _sn_amount__tail END AS _sn_amount__term,
    CASE WHEN _sn_items__n >= 3 THEN _sn_items__tail END AS _sn_items__term
  FROM placed
  OFFSET 0
), scored AS (
  SELECT
    *,
    CASE
      WHEN NOT _sn_amount__term IS NULL AND NOT _sn_items__term IS NULL
      THEN _sn_amount__term + _sn_items__term
    END AS _sn__score,
    CASE
      WHEN NOT _sn_amount__term IS NULL AND NOT _sn_items__term IS NULL
      THEN GREATEST(_sn_amount__term, _sn_items__term)
    END AS _sn__best
  FROM terms
  OFFSET 0
), cutoff AS (
  SELECT
    _sn__key1,
    PERCENTILE_CONT(0.99e0) WITHIN GROUP (ORDER BY
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
    ON ARRAY[scored._sn__key1] = ARRAY[cutoff._sn__key1]
  OFFSET 0
)
SELECT
  id,
  store,
  _sn__score AS score,
  _sn__score > CASE
    WHEN NOT _sn__cutoff1 IS NULL
    THEN _sn__cutoff1 + (
      CAST(1e-09 AS DOUBLE PRECISION) * GREATEST(CAST(1.0e0 AS DOUBLE PRECISION), ABS(_sn__cutoff1))
    )
  END AS alert,
  CASE
    WHEN _sn__score IS NULL
    THEN NULL
    WHEN _sn_amount__term >= _sn__best - (
      CAST(1e-09 AS DOUBLE PRECISION) * GREATEST(CAST(1.0e0 AS DOUBLE PRECISION), ABS(_sn__best))
    )
    THEN 'amount'
    WHEN _sn_items__term >= _sn__best - (
      CAST(1e-09 AS DOUBLE PRECISION) * GREATEST(CAST(1.0e0 AS DOUBLE PRECISION), ABS(_sn__best))
    )
    THEN 'items'
  END AS reason,
  CASE
    WHEN _sn_amount__raw IS NULL OR _sn_items IS NULL
    THEN 'missing_value'
    WHEN _sn_amount IS NULL OR _sn_items IS NULL
    THEN 'out_of_range'
    WHEN COALESCE(_sn_amount__n, 0) < 3 OR COALESCE(_sn_items__n, 0) < 3
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
  id
