-- SELECT id, anomaly_score(amount, items, detector => 'ecod')
--              FILTER (WHERE NOT disputed) OVER (PARTITION BY store) AS score
-- FROM orders
/* sqlnomaly 0.1.0: ecod(amount, items); exact = True, min_rows = 3 */
WITH source AS (
  SELECT
    id AS id,
    CASE WHEN ABS(amount) <= 1e+150 THEN amount END AS _sn_amount,
    CAST(items AS FLOAT) AS _sn_items,
    store AS _sn__key1,
    CASE WHEN NOT disputed = 1 THEN 1 ELSE 0 END AS _sn__fitted
  FROM orders
), ranks AS (
  SELECT
    *,
    SUM(CASE WHEN NOT _sn_amount IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1 ORDER BY COALESCE(_sn_amount, 1e+300)) AS _sn_amount__below,
    SUM(CASE WHEN NOT _sn_amount IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1 ORDER BY COALESCE(_sn_amount, 1e+300) DESC) AS _sn_amount__above
  FROM source
), bounds AS (
  SELECT
    _sn__key1 AS _sn__key1,
    SUM(CASE WHEN NOT _sn_amount IS NULL THEN _sn__fitted ELSE 0 END) AS _sn_amount__n,
    CAST(SUM(CASE WHEN _sn__fitted > 0 THEN _sn_amount * _sn__fitted END) AS FLOAT) / NULLIF(SUM(CASE WHEN NOT _sn_amount IS NULL THEN _sn__fitted ELSE 0 END), 0.0e0) AS _sn_amount__mean,
    MIN(CASE WHEN _sn__fitted > 0 THEN _sn_amount END) AS _sn_amount__low,
    MAX(CASE WHEN _sn__fitted > 0 THEN _sn_amount END) AS _sn_amount__high,
    SUM(CASE WHEN NOT _sn_items IS NULL THEN _sn__fitted ELSE 0 END) AS _sn_items__n,
    CAST(SUM(CASE WHEN _sn__fitted > 0 THEN _sn_items * _sn__fitted END) AS FLOAT) / NULLIF(SUM(CASE WHEN NOT _sn_items IS NULL THEN _sn__fitted ELSE 0 END), 0.0e0) AS _sn_items__mean,
    MIN(CASE WHEN _sn__fitted > 0 THEN _sn_items END) AS _sn_items__low,
    MAX(CASE WHEN _sn__fitted > 0 THEN _sn_items END) AS _sn_items__high
  FROM source
  WHERE
    _sn__fitted = 1
  GROUP BY
    _sn__key1
), skew AS (
  SELECT
    source._sn__key1 AS _sn__key1,
    MIN(bounds._sn_amount__n) AS _sn_amount__n,
    MIN(bounds._sn_amount__mean) AS _sn_amount__mean,
    MIN(bounds._sn_amount__low) AS _sn_amount__low,
    MIN(bounds._sn_amount__high) AS _sn_amount__high,
    MIN(bounds._sn_items__n) AS _sn_items__n,
    MIN(bounds._sn_items__mean) AS _sn_items__mean,
    MIN(bounds._sn_items__low) AS _sn_items__low,
    MIN(bounds._sn_items__high) AS _sn_items__high,
    SUM(
      CASE
        WHEN source._sn__fitted > 0
        THEN (
          (
            (
              CAST((
                source._sn_amount - bounds._sn_amount__mean
              ) AS FLOAT) / NULLIF(bounds._sn_amount__high - bounds._sn_amount__low, 0.0e0)
            ) * (
              CAST((
                source._sn_amount - bounds._sn_amount__mean
              ) AS FLOAT) / NULLIF(bounds._sn_amount__high - bounds._sn_amount__low, 0.0e0)
            )
          ) * (
            CAST((
              source._sn_amount - bounds._sn_amount__mean
            ) AS FLOAT) / NULLIF(bounds._sn_amount__high - bounds._sn_amount__low, 0.0e0)
          )
        ) * source._sn__fitted
      END
    ) AS _sn_amount__skew,
    SUM(
      CASE
        WHEN source._sn__fitted > 0
        THEN ABS(
          (
            (
              CAST((
                source._sn_amount - bounds._sn_amount__mean
              ) AS FLOAT) / NULLIF(bounds._sn_amount__high - bounds._sn_amount__low, 0.0e0)
            ) * (
              CAST((
                source._sn_amount - bounds._sn_amount__mean
              ) AS FLOAT) / NULLIF(bounds._sn_amount__high - bounds._sn_amount__low, 0.0e0)
            )
          ) * (
            CAST((
              source._sn_amount - bounds._sn_amount__mean
            ) AS FLOAT) / NULLIF(bounds._sn_amount__high - bounds._sn_amount__low, 0.0e0)
          )
        ) * source._sn__fitted
      END
    ) AS _sn_amount__bulk,
    SUM(
      CASE
        WHEN source._sn__fitted > 0
        THEN (
          (
            (
              CAST((
                source._sn_items - bounds._sn_items__mean
              ) AS FLOAT) / NULLIF(bounds._sn_items__high - bounds._sn_items__low, 0.0e0)
            ) * (
              CAST((
                source._sn_items - bounds._sn_items__mean
              ) AS FLOAT) / NULLIF(bounds._sn_items__high - bounds._sn_items__low, 0.0e0)
            )
          ) * (
            CAST((
              source._sn_items - bounds._sn_items__mean
            ) AS FLOAT) / NULLIF(bounds._sn_items__high - bounds._sn_items__low, 0.0e0)
          )
        ) * source._sn__fitted
      END
    ) AS _sn_items__skew,
    SUM(
      CASE
        WHEN source._sn__fitted > 0
        THEN ABS(
          (
            (
              CAST((
                source._sn_items - bounds._sn_items__mean
              ) AS FLOAT) / NULLIF(bounds._sn_items__high - bounds._sn_items__low, 0.0e0)
            ) * (
              CAST((
                source._sn_items - bounds._sn_items__mean
              ) AS FLOAT) / NULLIF(bounds._sn_items__high - bounds._sn_items__low, 0.0e0)
            )
          ) * (
            CAST((
              source._sn_items - bounds._sn_items__mean
            ) AS FLOAT) / NULLIF(bounds._sn_items__high - bounds._sn_items__low, 0.0e0)
          )
        ) * source._sn__fitted
      END
    ) AS _sn_items__bulk
  FROM source
  LEFT JOIN bounds
    ON (
      source._sn__key1 = bounds._sn__key1
      OR (
        source._sn__key1 IS NULL AND bounds._sn__key1 IS NULL
      )
    )
  WHERE
    source._sn__fitted = 1
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
      THEN -LOG(
        CASE
          WHEN model._sn_amount__side = 0
          THEN (
            CAST(CASE
              WHEN COALESCE(ranks._sn_amount__below, 0) >= 1
              THEN COALESCE(ranks._sn_amount__below, 0)
              ELSE 1
            END AS FLOAT) / NULLIF(model._sn_amount__n, 0.0e0)
          ) * (
            CAST(CASE
              WHEN COALESCE(ranks._sn_amount__above, 0) >= 1
              THEN COALESCE(ranks._sn_amount__above, 0)
              ELSE 1
            END AS FLOAT) / NULLIF(model._sn_amount__n, 0.0e0)
          )
          ELSE CASE
            WHEN CAST(CASE
              WHEN COALESCE(ranks._sn_amount__below, 0) >= 1
              THEN COALESCE(ranks._sn_amount__below, 0)
              ELSE 1
            END AS FLOAT) / NULLIF(model._sn_amount__n, 0.0e0) <= CAST(CASE
              WHEN COALESCE(ranks._sn_amount__above, 0) >= 1
              THEN COALESCE(ranks._sn_amount__above, 0)
              ELSE 1
            END AS FLOAT) / NULLIF(model._sn_amount__n, 0.0e0)
            THEN CAST(CASE
              WHEN COALESCE(ranks._sn_amount__below, 0) >= 1
              THEN COALESCE(ranks._sn_amount__below, 0)
              ELSE 1
            END AS FLOAT) / NULLIF(model._sn_amount__n, 0.0e0)
            ELSE CAST(CASE
              WHEN COALESCE(ranks._sn_amount__above, 0) >= 1
              THEN COALESCE(ranks._sn_amount__above, 0)
              ELSE 1
            END AS FLOAT) / NULLIF(model._sn_amount__n, 0.0e0)
          END
        END
      )
    END AS _sn_amount__tail
  FROM ranks
  LEFT JOIN model
    ON (
      ranks._sn__key1 = model._sn__key1
      OR (
        ranks._sn__key1 IS NULL AND model._sn__key1 IS NULL
      )
    )
), ranks_2 AS (
  SELECT
    *,
    SUM(CASE WHEN NOT _sn_items IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1 ORDER BY COALESCE(_sn_items, 1e+300)) AS _sn_items__below,
    SUM(CASE WHEN NOT _sn_items IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1 ORDER BY COALESCE(_sn_items, 1e+300) DESC) AS _sn_items__above
  FROM tails
), tails_2 AS (
  SELECT
    ranks_2.*,
    CASE
      WHEN model._sn_items__scale = 0.0e0 AND ranks_2._sn_items = model._sn_items__low
      THEN 0.0e0
      WHEN NOT ranks_2._sn_items IS NULL AND model._sn_items__scale > 0.0e0
      THEN -LOG(
        CASE
          WHEN model._sn_items__side = 0
          THEN (
            CAST(CASE
              WHEN COALESCE(ranks_2._sn_items__below, 0) >= 1
              THEN COALESCE(ranks_2._sn_items__below, 0)
              ELSE 1
            END AS FLOAT) / NULLIF(model._sn_items__n, 0.0e0)
          ) * (
            CAST(CASE
              WHEN COALESCE(ranks_2._sn_items__above, 0) >= 1
              THEN COALESCE(ranks_2._sn_items__above, 0)
              ELSE 1
            END AS FLOAT) / NULLIF(model._sn_items__n, 0.0e0)
          )
          ELSE CASE
            WHEN CAST(CASE
              WHEN COALESCE(ranks_2._sn_items__below, 0) >= 1
              THEN COALESCE(ranks_2._sn_items__below, 0)
              ELSE 1
            END AS FLOAT) / NULLIF(model._sn_items__n, 0.0e0) <= CAST(CASE
              WHEN COALESCE(ranks_2._sn_items__above, 0) >= 1
              THEN COALESCE(ranks_2._sn_items__above, 0)
              ELSE 1
            END AS FLOAT) / NULLIF(model._sn_items__n, 0.0e0)
            THEN CAST(CASE
              WHEN COALESCE(ranks_2._sn_items__below, 0) >= 1
              THEN COALESCE(ranks_2._sn_items__below, 0)
              ELSE 1
            END AS FLOAT) / NULLIF(model._sn_items__n, 0.0e0)
            ELSE CAST(CASE
              WHEN COALESCE(ranks_2._sn_items__above, 0) >= 1
              THEN COALESCE(ranks_2._sn_items__above, 0)
              ELSE 1
            END AS FLOAT) / NULLIF(model._sn_items__n, 0.0e0)
          END
        END
      )
    END AS _sn_items__tail
  FROM ranks_2
  LEFT JOIN model
    ON (
      ranks_2._sn__key1 = model._sn__key1
      OR (
        ranks_2._sn__key1 IS NULL AND model._sn__key1 IS NULL
      )
    )
), placed AS (
  SELECT
    tails_2.*,
    model._sn_amount__n AS _sn_amount__n,
    model._sn_amount__scale AS _sn_amount__scale,
    model._sn_items__n AS _sn_items__n,
    model._sn_items__scale AS _sn_items__scale
  FROM tails_2
  LEFT JOIN model
    ON (
      tails_2._sn__key1 = model._sn__key1
      OR (
        tails_2._sn__key1 IS NULL AND model._sn__key1 IS NULL
      )
    )
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
      THEN CASE
        WHEN _sn_amount__term >= _sn_items__term
        THEN _sn_amount__term
        ELSE _sn_items__term
      END
    END AS _sn__best
  FROM terms
)
SELECT
  id,
  _sn__score AS score
FROM scored
