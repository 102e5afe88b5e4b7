-- SELECT id, anomaly_probability(amount, items, detector => 'hbos', n_bins => 3) OVER (PARTITION BY store) AS probability,
--        anomaly_explanation(amount, items, detector => 'hbos', n_bins => 3) OVER (PARTITION BY store) AS explanation
-- FROM orders
/* sqlnomaly 0.1.0: hbos(amount, items); n_bins = 3, alpha = 0.1, tol = 0.5, min_rows = 3 */
WITH source AS (
  SELECT
    id,
    CASE WHEN ABS(amount) <= 1e+150 THEN amount END AS _sn_amount,
    CAST(items AS DOUBLE) AS _sn_items,
    store AS _sn__key1
  FROM orders
), bounds AS (
  SELECT
    _sn__key1,
    COUNT(_sn_amount) AS _sn_amount__n,
    MIN(_sn_amount) AS _sn_amount__low,
    MAX(_sn_amount) AS _sn_amount__high,
    COUNT(_sn_items) AS _sn_items__n,
    MIN(_sn_items) AS _sn_items__low,
    MAX(_sn_items) AS _sn_items__high
  FROM source
  GROUP BY
    _sn__key1
), widths AS (
  SELECT
    *,
    CASE
      WHEN (
        _sn_amount__high - _sn_amount__low
      ) / NULLIF(CAST(3.0e0 AS DOUBLE), 0.0e0) > GREATEST(
        CAST(1e-150 AS DOUBLE),
        CAST(4.440892098500626e-16 AS DOUBLE) * GREATEST(
          ABS(COALESCE(_sn_amount__low, CAST(0.0e0 AS DOUBLE))),
          ABS(COALESCE(_sn_amount__high, CAST(0.0e0 AS DOUBLE)))
        )
      )
      THEN (
        _sn_amount__high - _sn_amount__low
      ) / NULLIF(CAST(3.0e0 AS DOUBLE), 0.0e0)
      ELSE CAST(0.0e0 AS DOUBLE)
    END AS _sn_amount__scale,
    CASE
      WHEN (
        _sn_items__high - _sn_items__low
      ) / NULLIF(CAST(3.0e0 AS DOUBLE), 0.0e0) > GREATEST(
        CAST(1e-150 AS DOUBLE),
        CAST(4.440892098500626e-16 AS DOUBLE) * GREATEST(
          ABS(COALESCE(_sn_items__low, CAST(0.0e0 AS DOUBLE))),
          ABS(COALESCE(_sn_items__high, CAST(0.0e0 AS DOUBLE)))
        )
      )
      THEN (
        _sn_items__high - _sn_items__low
      ) / NULLIF(CAST(3.0e0 AS DOUBLE), 0.0e0)
      ELSE CAST(0.0e0 AS DOUBLE)
    END AS _sn_items__scale
  FROM bounds
), edges AS (
  SELECT
    *,
    (
      CAST(1.0e0 AS DOUBLE) * _sn_amount__scale
    ) + _sn_amount__low AS _sn_amount__edge_1,
    (
      CAST(2.0e0 AS DOUBLE) * _sn_amount__scale
    ) + _sn_amount__low AS _sn_amount__edge_2,
    (
      CAST(1.0e0 AS DOUBLE) * _sn_items__scale
    ) + _sn_items__low AS _sn_items__edge_1,
    (
      CAST(2.0e0 AS DOUBLE) * _sn_items__scale
    ) + _sn_items__low AS _sn_items__edge_2
  FROM widths
), bins AS (
  SELECT
    source._sn__key1,
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
    COUNT(CASE WHEN source._sn_amount >= edges._sn_amount__edge_1 THEN 1 END) AS _sn_amount__from_1,
    COUNT(CASE WHEN source._sn_amount >= edges._sn_amount__edge_2 THEN 1 END) AS _sn_amount__from_2,
    COUNT(CASE WHEN source._sn_items >= edges._sn_items__edge_1 THEN 1 END) AS _sn_items__from_1,
    COUNT(CASE WHEN source._sn_items >= edges._sn_items__edge_2 THEN 1 END) AS _sn_items__from_2
  FROM source
  LEFT JOIN edges
    ON source._sn__key1 IS NOT DISTINCT FROM edges._sn__key1
  GROUP BY
    source._sn__key1
), levels AS (
  SELECT
    *,
    -(
      LN(
        (
          (
            CAST(_sn_amount__n - _sn_amount__from_1 AS DOUBLE) / NULLIF(_sn_amount__edge_1 - _sn_amount__low, 0.0e0)
          ) / NULLIF(_sn_amount__n, 0.0e0)
        ) + CAST(0.1e0 AS DOUBLE)
      ) / NULLIF(CAST(0.6931471805599453e0 AS DOUBLE), 0.0e0)
    ) AS _sn_amount__level_0,
    -(
      LN(
        (
          (
            CAST(_sn_amount__from_1 - _sn_amount__from_2 AS DOUBLE) / NULLIF(_sn_amount__edge_2 - _sn_amount__edge_1, 0.0e0)
          ) / NULLIF(_sn_amount__n, 0.0e0)
        ) + CAST(0.1e0 AS DOUBLE)
      ) / NULLIF(CAST(0.6931471805599453e0 AS DOUBLE), 0.0e0)
    ) AS _sn_amount__level_1,
    -(
      LN(
        (
          (
            CAST(_sn_amount__from_2 AS DOUBLE) / NULLIF(_sn_amount__high - _sn_amount__edge_2, 0.0e0)
          ) / NULLIF(_sn_amount__n, 0.0e0)
        ) + CAST(0.1e0 AS DOUBLE)
      ) / NULLIF(CAST(0.6931471805599453e0 AS DOUBLE), 0.0e0)
    ) AS _sn_amount__level_2,
    -(
      LN(
        (
          (
            CAST(_sn_items__n - _sn_items__from_1 AS DOUBLE) / NULLIF(_sn_items__edge_1 - _sn_items__low, 0.0e0)
          ) / NULLIF(_sn_items__n, 0.0e0)
        ) + CAST(0.1e0 AS DOUBLE)
      ) / NULLIF(CAST(0.6931471805599453e0 AS DOUBLE), 0.0e0)
    ) AS _sn_items__level_0,
    -(
      LN(
        (
          (
            CAST(_sn_items__from_1 - _sn_items__from_2 AS DOUBLE) / NULLIF(_sn_items__edge_2 - _sn_items__edge_1, 0.0e0)
          ) / NULLIF(_sn_items__n, 0.0e0)
        ) + CAST(0.1e0 AS DOUBLE)
      ) / NULLIF(CAST(0.6931471805599453e0 AS DOUBLE), 0.0e0)
    ) AS _sn_items__level_1,
    -(
      LN(
        (
          (
            CAST(_sn_items__from_2 AS DOUBLE) / NULLIF(_sn_items__high - _sn_items__edge_2, 0.0e0)
          ) / NULLIF(_sn_items__n, 0.0e0)
        ) + CAST(0.1e0 AS DOUBLE)
      ) / NULLIF(CAST(0.6931471805599453e0 AS DOUBLE), 0.0e0)
    ) AS _sn_items__level_2
  FROM bins
), model AS (
  SELECT
    *,
    GREATEST(
      COALESCE(_sn_amount__level_0, CAST(0.0e0 AS DOUBLE)),
      COALESCE(_sn_amount__level_1, CAST(0.0e0 AS DOUBLE)),
      COALESCE(_sn_amount__level_2, CAST(0.0e0 AS DOUBLE))
    ) AS _sn_amount__worst,
    GREATEST(
      COALESCE(_sn_items__level_0, CAST(0.0e0 AS DOUBLE)),
      COALESCE(_sn_items__level_1, CAST(0.0e0 AS DOUBLE)),
      COALESCE(_sn_items__level_2, CAST(0.0e0 AS DOUBLE))
    ) AS _sn_items__worst
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
        THEN CAST(0.0e0 AS DOUBLE)
        WHEN NOT (
          model._sn_amount__scale > 0.0e0
        )
        THEN NULL
        WHEN source._sn_amount - model._sn_amount__high > model._sn_amount__scale * CAST(0.5e0 AS DOUBLE)
        THEN model._sn_amount__worst
        WHEN model._sn_amount__low - source._sn_amount > model._sn_amount__scale * CAST(0.5e0 AS DOUBLE)
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
        THEN CAST(0.0e0 AS DOUBLE)
        WHEN NOT (
          model._sn_items__scale > 0.0e0
        )
        THEN NULL
        WHEN source._sn_items - model._sn_items__high > model._sn_items__scale * CAST(0.5e0 AS DOUBLE)
        THEN model._sn_items__worst
        WHEN model._sn_items__low - source._sn_items > model._sn_items__scale * CAST(0.5e0 AS DOUBLE)
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
    ON source._sn__key1 IS NOT DISTINCT FROM model._sn__key1
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
      ORDER BY CASE WHEN _sn__score IS NULL THEN 1 ELSE 0 END, COALESCE(_sn__score, CAST(0.0e0 AS DOUBLE)) DESC
    ) AS _sn__not_below
  FROM scored
), reasons AS (
  SELECT
    *,
    CASE
      WHEN _sn__score IS NULL
      THEN NULL
      WHEN _sn_amount__term >= _sn__best - (
        CAST(1e-09 AS DOUBLE) * GREATEST(CAST(1.0e0 AS DOUBLE), ABS(_sn__best))
      )
      THEN 1
      WHEN _sn_items__term >= _sn__best - (
        CAST(1e-09 AS DOUBLE) * GREATEST(CAST(1.0e0 AS DOUBLE), ABS(_sn__best))
      )
      THEN 2
    END AS _sn__first1
  FROM ranked
), items_2 AS (
  SELECT
    *,
    '{"feature": "amount", "value": ' || COALESCE(CAST(_sn_amount AS VARCHAR), 'null') || ', "expected": ' || 'null' || ', "contribution": ' || COALESCE(CAST(_sn_amount__term AS VARCHAR), 'null') || '}' AS _sn_amount__item1,
    CASE
      WHEN _sn__first1 = 1
      THEN CAST(1e+300 AS DOUBLE)
      ELSE COALESCE(_sn_amount__term, -CAST(1e+300 AS DOUBLE))
    END AS _sn_amount__key1,
    '{"feature": "items", "value": ' || COALESCE(CAST(_sn_items AS VARCHAR), 'null') || ', "expected": ' || 'null' || ', "contribution": ' || COALESCE(CAST(_sn_items__term AS VARCHAR), 'null') || '}' AS _sn_items__item1,
    CASE
      WHEN _sn__first1 = 2
      THEN CAST(1e+300 AS DOUBLE)
      ELSE COALESCE(_sn_items__term, -CAST(1e+300 AS DOUBLE))
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
    THEN CAST(1.0e0 AS DOUBLE) - (
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
