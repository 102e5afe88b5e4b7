-- SELECT id, anomaly_score(amount, items, detector => 'hbos', n_bins => 3)
--              FILTER (WHERE NOT disputed) OVER (PARTITION BY store) AS score
-- FROM orders
/* sqlnomaly 0.1.0: hbos(amount, items); n_bins = 3, alpha = 0.1, tol = 0.5, min_rows = 3 */
WITH source AS (
  SELECT
    id AS id,
    CASE WHEN ABS(amount) <= 1e+150 THEN amount END AS _sn_amount,
    CAST(items AS FLOAT) AS _sn_items,
    store AS _sn__key1,
    CASE WHEN NOT disputed = 1 THEN 1 ELSE 0 END AS _sn__fitted
  FROM orders
), bounds AS (
  SELECT
    _sn__key1 AS _sn__key1,
    COUNT_BIG(_sn_amount) AS _sn_amount__n,
    MIN(_sn_amount) AS _sn_amount__low,
    MAX(_sn_amount) AS _sn_amount__high,
    COUNT_BIG(_sn_items) AS _sn_items__n,
    MIN(_sn_items) AS _sn_items__low,
    MAX(_sn_items) AS _sn_items__high
  FROM source
  WHERE
    _sn__fitted = 1
  GROUP BY
    _sn__key1
), widths AS (
  SELECT
    *,
    CASE
      WHEN CAST((
        _sn_amount__high - _sn_amount__low
      ) AS FLOAT) / NULLIF(3.0e0, 0.0e0) > CASE
        WHEN 1e-150 >= 4.440892098500626e-16 * CASE
          WHEN ABS(COALESCE(_sn_amount__low, 0.0e0)) >= ABS(COALESCE(_sn_amount__high, 0.0e0))
          THEN ABS(COALESCE(_sn_amount__low, 0.0e0))
          ELSE ABS(COALESCE(_sn_amount__high, 0.0e0))
        END
        THEN 1e-150
        ELSE 4.440892098500626e-16 * CASE
          WHEN ABS(COALESCE(_sn_amount__low, 0.0e0)) >= ABS(COALESCE(_sn_amount__high, 0.0e0))
          THEN ABS(COALESCE(_sn_amount__low, 0.0e0))
          ELSE ABS(COALESCE(_sn_amount__high, 0.0e0))
        END
      END
      THEN CAST((
        _sn_amount__high - _sn_amount__low
      ) AS FLOAT) / NULLIF(3.0e0, 0.0e0)
      ELSE 0.0e0
    END AS _sn_amount__scale,
    CASE
      WHEN CAST((
        _sn_items__high - _sn_items__low
      ) AS FLOAT) / NULLIF(3.0e0, 0.0e0) > CASE
        WHEN 1e-150 >= 4.440892098500626e-16 * CASE
          WHEN ABS(COALESCE(_sn_items__low, 0.0e0)) >= ABS(COALESCE(_sn_items__high, 0.0e0))
          THEN ABS(COALESCE(_sn_items__low, 0.0e0))
          ELSE ABS(COALESCE(_sn_items__high, 0.0e0))
        END
        THEN 1e-150
        ELSE 4.440892098500626e-16 * CASE
          WHEN ABS(COALESCE(_sn_items__low, 0.0e0)) >= ABS(COALESCE(_sn_items__high, 0.0e0))
          THEN ABS(COALESCE(_sn_items__low, 0.0e0))
          ELSE ABS(COALESCE(_sn_items__high, 0.0e0))
        END
      END
      THEN CAST((
        _sn_items__high - _sn_items__low
      ) AS FLOAT) / NULLIF(3.0e0, 0.0e0)
      ELSE 0.0e0
    END AS _sn_items__scale
  FROM bounds
), edges AS (
  SELECT
    *,
    (
      1.0e0 * _sn_amount__scale
    ) + _sn_amount__low AS _sn_amount__edge_1,
    (
      2.0e0 * _sn_amount__scale
    ) + _sn_amount__low AS _sn_amount__edge_2,
    (
      1.0e0 * _sn_items__scale
    ) + _sn_items__low AS _sn_items__edge_1,
    (
      2.0e0 * _sn_items__scale
    ) + _sn_items__low AS _sn_items__edge_2
  FROM widths
), bins AS (
  SELECT
    source._sn__key1 AS _sn__key1,
    MIN(edges._sn_amount__n) AS _sn_amount__n,
    MIN(edges._sn_amount__low) AS _sn_amount__low,
    MIN(edges._sn_amount__high) AS _sn_amount__high,
    MIN(edges._sn_items__n) AS _sn_items__n,
    MIN(edges._sn_items__low) AS _sn_items__low,
    MIN(edges._sn_items__high) AS _sn_items__high,
    MIN(edges._sn_amount__scale) AS _sn_amount__scale,
    MIN(edges._sn_items__scale) AS _sn_items__scale,
    MIN(edges._sn_amount__edge_1) AS _sn_amount__edge_1,
    MIN(edges._sn_amount__edge_2) AS _sn_amount__edge_2,
    MIN(edges._sn_items__edge_1) AS _sn_items__edge_1,
    MIN(edges._sn_items__edge_2) AS _sn_items__edge_2,
    COUNT_BIG(CASE WHEN source._sn_amount >= edges._sn_amount__edge_1 THEN 1 END) AS _sn_amount__from_1,
    COUNT_BIG(CASE WHEN source._sn_amount >= edges._sn_amount__edge_2 THEN 1 END) AS _sn_amount__from_2,
    COUNT_BIG(CASE WHEN source._sn_items >= edges._sn_items__edge_1 THEN 1 END) AS _sn_items__from_1,
    COUNT_BIG(CASE WHEN source._sn_items >= edges._sn_items__edge_2 THEN 1 END) AS _sn_items__from_2
  FROM source
  LEFT JOIN edges
    ON (
      source._sn__key1 = edges._sn__key1
      OR (
        source._sn__key1 IS NULL AND edges._sn__key1 IS NULL
      )
    )
  WHERE
    source._sn__fitted = 1
  GROUP BY
    source._sn__key1
), levels AS (
  SELECT
    *,
    -(
      CAST(LOG(
        (
          CAST((
            CAST(_sn_amount__n - _sn_amount__from_1 AS FLOAT) / NULLIF(_sn_amount__edge_1 - _sn_amount__low, 0.0e0)
          ) AS FLOAT) / NULLIF(_sn_amount__n, 0.0e0)
        ) + 0.1e0
      ) AS FLOAT) / NULLIF(0.6931471805599453e0, 0.0e0)
    ) AS _sn_amount__level_0,
    -(
      CAST(LOG(
        (
          CAST((
            CAST(_sn_amount__from_1 - _sn_amount__from_2 AS FLOAT) / NULLIF(_sn_amount__edge_2 - _sn_amount__edge_1, 0.0e0)
          ) AS FLOAT) / NULLIF(_sn_amount__n, 0.0e0)
        ) + 0.1e0
      ) AS FLOAT) / NULLIF(0.6931471805599453e0, 0.0e0)
    ) AS _sn_amount__level_1,
    -(
      CAST(LOG(
        (
          CAST((
            CAST(_sn_amount__from_2 AS FLOAT) / NULLIF(_sn_amount__high - _sn_amount__edge_2, 0.0e0)
          ) AS FLOAT) / NULLIF(_sn_amount__n, 0.0e0)
        ) + 0.1e0
      ) AS FLOAT) / NULLIF(0.6931471805599453e0, 0.0e0)
    ) AS _sn_amount__level_2,
    -(
      CAST(LOG(
        (
          CAST((
            CAST(_sn_items__n - _sn_items__from_1 AS FLOAT) / NULLIF(_sn_items__edge_1 - _sn_items__low, 0.0e0)
          ) AS FLOAT) / NULLIF(_sn_items__n, 0.0e0)
        ) + 0.1e0
      ) AS FLOAT) / NULLIF(0.6931471805599453e0, 0.0e0)
    ) AS _sn_items__level_0,
    -(
      CAST(LOG(
        (
          CAST((
            CAST(_sn_items__from_1 - _sn_items__from_2 AS FLOAT) / NULLIF(_sn_items__edge_2 - _sn_items__edge_1, 0.0e0)
          ) AS FLOAT) / NULLIF(_sn_items__n, 0.0e0)
        ) + 0.1e0
      ) AS FLOAT) / NULLIF(0.6931471805599453e0, 0.0e0)
    ) AS _sn_items__level_1,
    -(
      CAST(LOG(
        (
          CAST((
            CAST(_sn_items__from_2 AS FLOAT) / NULLIF(_sn_items__high - _sn_items__edge_2, 0.0e0)
          ) AS FLOAT) / NULLIF(_sn_items__n, 0.0e0)
        ) + 0.1e0
      ) AS FLOAT) / NULLIF(0.6931471805599453e0, 0.0e0)
    ) AS _sn_items__level_2
  FROM bins
), model AS (
  SELECT
    *,
    CASE
      WHEN COALESCE(_sn_amount__level_0, 0.0e0) >= COALESCE(_sn_amount__level_1, 0.0e0)
      AND COALESCE(_sn_amount__level_0, 0.0e0) >= COALESCE(_sn_amount__level_2, 0.0e0)
      THEN COALESCE(_sn_amount__level_0, 0.0e0)
      WHEN COALESCE(_sn_amount__level_1, 0.0e0) >= COALESCE(_sn_amount__level_2, 0.0e0)
      THEN COALESCE(_sn_amount__level_1, 0.0e0)
      ELSE COALESCE(_sn_amount__level_2, 0.0e0)
    END AS _sn_amount__worst,
    CASE
      WHEN COALESCE(_sn_items__level_0, 0.0e0) >= COALESCE(_sn_items__level_1, 0.0e0)
      AND COALESCE(_sn_items__level_0, 0.0e0) >= COALESCE(_sn_items__level_2, 0.0e0)
      THEN COALESCE(_sn_items__level_0, 0.0e0)
      WHEN COALESCE(_sn_items__level_1, 0.0e0) >= COALESCE(_sn_items__level_2, 0.0e0)
      THEN COALESCE(_sn_items__level_1, 0.0e0)
      ELSE COALESCE(_sn_items__level_2, 0.0e0)
    END AS _sn_items__worst
  FROM levels
), terms AS (
  SELECT
    source.*,
    CASE
      WHEN model._sn_amount__n >= 3
      THEN CASE
        WHEN model._sn_amount__scale = 0.0e0
        AND source._sn_amount >= model._sn_amount__low
        AND source._sn_amount <= model._sn_amount__high
        THEN 0.0e0
        WHEN NOT (
          model._sn_amount__scale > 0.0e0
        )
        THEN NULL
        WHEN source._sn_amount - model._sn_amount__high > model._sn_amount__scale * 0.5e0
        THEN model._sn_amount__worst
        WHEN model._sn_amount__low - source._sn_amount > model._sn_amount__scale * 0.5e0
        THEN model._sn_amount__worst
        WHEN source._sn_amount > model._sn_amount__edge_2
        THEN model._sn_amount__level_2
        WHEN source._sn_amount > model._sn_amount__edge_1
        THEN model._sn_amount__level_1
        WHEN NOT source._sn_amount IS NULL
        THEN model._sn_amount__level_0
      END
    END AS _sn_amount__term,
    CASE
      WHEN model._sn_items__n >= 3
      THEN CASE
        WHEN model._sn_items__scale = 0.0e0
        AND source._sn_items >= model._sn_items__low
        AND source._sn_items <= model._sn_items__high
        THEN 0.0e0
        WHEN NOT (
          model._sn_items__scale > 0.0e0
        )
        THEN NULL
        WHEN source._sn_items - model._sn_items__high > model._sn_items__scale * 0.5e0
        THEN model._sn_items__worst
        WHEN model._sn_items__low - source._sn_items > model._sn_items__scale * 0.5e0
        THEN model._sn_items__worst
        WHEN source._sn_items > model._sn_items__edge_2
        THEN model._sn_items__level_2
        WHEN source._sn_items > model._sn_items__edge_1
        THEN model._sn_items__level_1
        WHEN NOT source._sn_items IS NULL
        THEN model._sn_items__level_0
      END
    END AS _sn_items__term
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
