-- SELECT id, anomaly_probability(amount, items, detector => 'ecod') OVER (PARTITION BY store) AS probability,
--        anomaly_explanation(amount, items, detector => 'ecod') OVER (PARTITION BY store) AS explanation
-- FROM orders
/* sqlnomaly 0.1.0: ecod(amount, items); exact = True, min_rows = 3 */
WITH source AS (
  SELECT
    id,
    CASE WHEN ABS(amount) <= 1e+150 THEN amount END AS _sn_amount,
    CAST(items AS DOUBLE) AS _sn_items,
    store AS _sn__key1
  FROM orders
), ranks AS (
  SELECT
    *,
    RANK() OVER (PARTITION BY _sn__key1 ORDER BY COALESCE(_sn_amount, 1e+300)) AS _sn_amount__rank,
    COUNT(_sn_amount) OVER (PARTITION BY _sn__key1 ORDER BY COALESCE(_sn_amount, 1e+300)) AS _sn_amount__below
  FROM source
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
          (
            source._sn_amount - bounds._sn_amount__mean
          ) / NULLIF(bounds._sn_amount__high - bounds._sn_amount__low, 0.0e0)
        ) * (
          (
            source._sn_amount - bounds._sn_amount__mean
          ) / NULLIF(bounds._sn_amount__high - bounds._sn_amount__low, 0.0e0)
        )
      ) * (
        (
          source._sn_amount - bounds._sn_amount__mean
        ) / NULLIF(bounds._sn_amount__high - bounds._sn_amount__low, 0.0e0)
      )
    ) AS _sn_amount__skew,
    SUM(
      ABS(
        (
          (
            (
              source._sn_amount - bounds._sn_amount__mean
            ) / NULLIF(bounds._sn_amount__high - bounds._sn_amount__low, 0.0e0)
          ) * (
            (
              source._sn_amount - bounds._sn_amount__mean
            ) / NULLIF(bounds._sn_amount__high - bounds._sn_amount__low, 0.0e0)
          )
        ) * (
          (
            source._sn_amount - bounds._sn_amount__mean
          ) / NULLIF(bounds._sn_amount__high - bounds._sn_amount__low, 0.0e0)
        )
      )
    ) AS _sn_amount__bulk,
    SUM(
      (
        (
          (
            source._sn_items - bounds._sn_items__mean
          ) / NULLIF(bounds._sn_items__high - bounds._sn_items__low, 0.0e0)
        ) * (
          (
            source._sn_items - bounds._sn_items__mean
          ) / NULLIF(bounds._sn_items__high - bounds._sn_items__low, 0.0e0)
        )
      ) * (
        (
          source._sn_items - bounds._sn_items__mean
        ) / NULLIF(bounds._sn_items__high - bounds._sn_items__low, 0.0e0)
      )
    ) AS _sn_items__skew,
    SUM(
      ABS(
        (
          (
            (
              source._sn_items - bounds._sn_items__mean
            ) / NULLIF(bounds._sn_items__high - bounds._sn_items__low, 0.0e0)
          ) * (
            (
              source._sn_items - bounds._sn_items__mean
            ) / NULLIF(bounds._sn_items__high - bounds._sn_items__low, 0.0e0)
          )
        ) * (
          (
            source._sn_items - bounds._sn_items__mean
          ) / NULLIF(bounds._sn_items__high - bounds._sn_items__low, 0.0e0)
        )
      )
    ) AS _sn_items__bulk
  FROM source
  LEFT JOIN bounds
    ON source._sn__key1 IS NOT DISTINCT FROM bounds._sn__key1
  GROUP BY
    source._sn__key1
), model AS (
  SELECT
    *,
    CASE
      WHEN _sn_amount__high > _sn_amount__low
      THEN _sn_amount__high - _sn_amount__low
      ELSE 0.0e0
    END AS _sn_amount__scale,
    CASE
      WHEN ABS(_sn_amount__skew) <= 1e-09 * _sn_amount__bulk
      THEN 0
      WHEN _sn_amount__skew > 0.0e0
      THEN 1
      ELSE -1
    END AS _sn_amount__side,
    CASE
      WHEN _sn_items__high > _sn_items__low
      THEN _sn_items__high - _sn_items__low
      ELSE 0.0e0
    END AS _sn_items__scale,
    CASE
      WHEN ABS(_sn_items__skew) <= 1e-09 * _sn_items__bulk
      THEN 0
      WHEN _sn_items__skew > 0.0e0
      THEN 1
      ELSE -1
    END AS _sn_items__side
  FROM skew
), tails AS (
  SELECT
    ranks.*,
    CASE
      WHEN model._sn_amount__scale = 0.0e0 AND ranks._sn_amount = model._sn_amount__low
      THEN 0.0e0
      WHEN NOT ranks._sn_amount IS NULL AND model._sn_amount__scale > 0.0e0
      THEN -LN(
        CASE
          WHEN model._sn_amount__side = 0
          THEN (
            CAST(GREATEST(COALESCE(ranks._sn_amount__below, 0), 1) AS DOUBLE) / NULLIF(model._sn_amount__n, 0.0e0)
          ) * (
            CAST(GREATEST(COALESCE((
              model._sn_amount__n + 1
            ) - ranks._sn_amount__rank, 0), 1) AS DOUBLE) / NULLIF(model._sn_amount__n, 0.0e0)
          )
          ELSE LEAST(
            CAST(GREATEST(COALESCE(ranks._sn_amount__below, 0), 1) AS DOUBLE) / NULLIF(model._sn_amount__n, 0.0e0),
            CAST(GREATEST(COALESCE((
              model._sn_amount__n + 1
            ) - ranks._sn_amount__rank, 0), 1) AS DOUBLE) / NULLIF(model._sn_amount__n, 0.0e0)
          )
        END
      )
    END AS _sn_amount__tail
  FROM ranks
  LEFT JOIN model
    ON ranks._sn__key1 IS NOT DISTINCT FROM model._sn__key1
), ranks_2 AS (
  SELECT
    *,
    RANK() OVER (PARTITION BY _sn__key1 ORDER BY COALESCE(_sn_items, 1e+300)) AS _sn_items__rank,
    COUNT(_sn_items) OVER (PARTITION BY _sn__key1 ORDER BY COALESCE(_sn_items, 1e+300)) AS _sn_items__below
  FROM tails
), tails_2 AS (
  SELECT
    ranks_2.*,
    CASE
      WHEN model._sn_items__scale = 0.0e0 AND ranks_2._sn_items = model._sn_items__low
      THEN 0.0e0
      WHEN NOT ranks_2._sn_items IS NULL AND model._sn_items__scale > 0.0e0
      THEN -LN(
        CASE
          WHEN model._sn_items__side = 0
          THEN (
            CAST(GREATEST(COALESCE(ranks_2._sn_items__below, 0), 1) AS DOUBLE) / NULLIF(model._sn_items__n, 0.0e0)
          ) * (
            CAST(GREATEST(COALESCE((
              model._sn_items__n + 1
            ) - ranks_2._sn_items__rank, 0), 1) AS DOUBLE) / NULLIF(model._sn_items__n, 0.0e0)
          )
          ELSE LEAST(
            CAST(GREATEST(COALESCE(ranks_2._sn_items__below, 0), 1) AS DOUBLE) / NULLIF(model._sn_items__n, 0.0e0),
            CAST(GREATEST(COALESCE((
              model._sn_items__n + 1
            ) - ranks_2._sn_items__rank, 0), 1) AS DOUBLE) / NULLIF(model._sn_items__n, 0.0e0)
          )
        END
      )
    END AS _sn_items__tail
  FROM ranks_2
  LEFT JOIN model
    ON ranks_2._sn__key1 IS NOT DISTINCT FROM model._sn__key1
), placed AS (
  SELECT
    tails_2.*,
    model._sn_amount__n,
    model._sn_amount__scale,
    model._sn_items__n,
    model._sn_items__scale
  FROM tails_2
  LEFT JOIN model
    ON tails_2._sn__key1 IS NOT DISTINCT FROM model._sn__key1
), terms AS (
  SELECT
    *,
    CASE WHEN _sn_amount__n >= 3 THEN _sn_amount__tail END AS _sn_amount__term,
    CASE WHEN _sn_items__n >= 3 THEN _sn_items__tail END AS _sn_items__term
  FROM placed
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
), ranked AS (
  SELECT
    *,
    COUNT(_sn__score) OVER (PARTITION BY _sn__key1) AS _sn__scores,
    COUNT(_sn__score) OVER (
      PARTITION BY _sn__key1
      ORDER BY CASE WHEN _sn__score IS NULL THEN 1 ELSE 0 END, COALESCE(_sn__score, 0.0e0) DESC
    ) AS _sn__not_below
  FROM scored
), reasons AS (
  SELECT
    *,
    CASE
      WHEN _sn__score IS NULL
      THEN NULL
      WHEN _sn_amount__term >= _sn__best - (
        1e-09 * GREATEST(1.0e0, ABS(_sn__best))
      )
      THEN 1
      WHEN _sn_items__term >= _sn__best - (
        1e-09 * GREATEST(1.0e0, ABS(_sn__best))
      )
      THEN 2
    END AS _sn__first1
  FROM ranked
), items_2 AS (
  SELECT
    *,
    '{"feature": "amount", "value": ' || COALESCE(CAST(_sn_amount AS STRING), 'null') || ', "expected": ' || 'null' || ', "contribution": ' || COALESCE(CAST(_sn_amount__term AS STRING), 'null') || '}' AS _sn_amount__item1,
    CASE WHEN _sn__first1 = 1 THEN 1e+300 ELSE COALESCE(_sn_amount__term, -1e+300) END AS _sn_amount__key1,
    '{"feature": "items", "value": ' || COALESCE(CAST(_sn_items AS STRING), 'null') || ', "expected": ' || 'null' || ', "contribution": ' || COALESCE(CAST(_sn_items__term AS STRING), 'null') || '}' AS _sn_items__item1,
    CASE WHEN _sn__first1 = 2 THEN 1e+300 ELSE COALESCE(_sn_items__term, -1e+300) END AS _sn_items__key1
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
    THEN 1.0e0 - (
      CAST(_sn__not_below AS DOUBLE) / NULLIF(CAST(_sn__scores AS DOUBLE), 0.0e0)
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
