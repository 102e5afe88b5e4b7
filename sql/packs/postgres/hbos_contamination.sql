-- SELECT id, anomaly_threshold(amount, detector => 'hbos', n_bins => 3, contamination => 0.05) OVER (PARTITION BY store) AS threshold
-- FROM orders
-- QUALIFY is_anomaly(amount, detector => 'hbos', n_bins => 3, contamination => 0.05) OVER (PARTITION BY store)
/* sqlnomaly 0.1.0: hbos(amount); n_bins = 3, alpha = 0.1, tol = 0.5, min_rows = 3 */
WITH source AS (
  SELECT
    id,
    CASE WHEN ABS(amount) <= 1e+150 THEN amount END AS _sn_amount,
    store AS _sn__key1
  FROM orders
), bounds AS (
  SELECT
    _sn__key1,
    COUNT(_sn_amount) AS _sn_amount__n,
    MIN(_sn_amount) AS _sn_amount__low,
    MAX(_sn_amount) AS _sn_amount__high
  FROM source
  GROUP BY
    _sn__key1
), widths AS (
  SELECT
    *,
    CASE
      WHEN CAST((
        _sn_amount__high - _sn_amount__low
      ) AS DOUBLE PRECISION) / NULLIF(CAST(3.0e0 AS DOUBLE PRECISION), 0.0e0) > GREATEST(
        CAST(1e-150 AS DOUBLE PRECISION),
        CAST(4.440892098500626e-16 AS DOUBLE PRECISION) * GREATEST(
          ABS(COALESCE(_sn_amount__low, CAST(0.0e0 AS DOUBLE PRECISION))),
          ABS(COALESCE(_sn_amount__high, CAST(0.0e0 AS DOUBLE PRECISION)))
        )
      )
      THEN CAST((
        _sn_amount__high - _sn_amount__low
      ) AS DOUBLE PRECISION) / NULLIF(CAST(3.0e0 AS DOUBLE PRECISION), 0.0e0)
      ELSE CAST(0.0e0 AS DOUBLE PRECISION)
    END AS _sn_amount__scale
  FROM bounds
  OFFSET 0
), edges AS (
  SELECT
    *,
    (
      CAST(1.0e0 AS DOUBLE PRECISION) * _sn_amount__scale
    ) + _sn_amount__low AS _sn_amount__edge_1,
    (
      CAST(2.0e0 AS DOUBLE PRECISION) * _sn_amount__scale
    ) + _sn_amount__low AS _sn_amount__edge_2
  FROM widths
  OFFSET 0
), bins AS (
  SELECT
    source._sn__key1,
    MIN(edges._sn_amount__n) AS _sn_amount__n,
    MIN(edges._sn_amount__low) AS _sn_amount__low,
    MIN(edges._sn_amount__high) AS _sn_amount__high,
    MIN(edges._sn_amount__scale) AS _sn_amount__scale,
    MIN(edges._sn_amount__edge_1) AS _sn_amount__edge_1,
    MIN(edges._sn_amount__edge_2) AS _sn_amount__edge_2,
    COUNT(CASE WHEN source._sn_amount >= edges._sn_amount__edge_1 THEN 1 END) AS _sn_amount__from_1,
    COUNT(CASE WHEN source._sn_amount >= edges._sn_amount__edge_2 THEN 1 END) AS _sn_amount__from_2
  FROM source
  LEFT JOIN edges
    ON ARRAY[source._sn__key1] = ARRAY[edges._sn__key1]
  GROUP BY
    source._sn__key1
), levels AS (
  SELECT
    *,
    -(
      CAST(LN(
        (
          CAST((
            CAST(_sn_amount__n - _sn_amount__from_1 AS DOUBLE PRECISION) / NULLIF(_sn_amount__edge_1 - _sn_amount__low, 0.0e0)
          ) AS DOUBLE PRECISION) / NULLIF(_sn_amount__n, 0.0e0)
        ) + CAST(0.1e0 AS DOUBLE PRECISION)
      ) AS DOUBLE PRECISION) / NULLIF(CAST(0.6931471805599453e0 AS DOUBLE PRECISION), 0.0e0)
    ) AS _sn_amount__level_0,
    -(
      CAST(LN(
        (
          CAST((
            CAST(_sn_amount__from_1 - _sn_amount__from_2 AS DOUBLE PRECISION) / NULLIF(_sn_amount__edge_2 - _sn_amount__edge_1, 0.0e0)
          ) AS DOUBLE PRECISION) / NULLIF(_sn_amount__n, 0.0e0)
        ) + CAST(0.1e0 AS DOUBLE PRECISION)
      ) AS DOUBLE PRECISION) / NULLIF(CAST(0.6931471805599453e0 AS DOUBLE PRECISION), 0.0e0)
    ) AS _sn_amount__level_1,
    -(
      CAST(LN(
        (
          CAST((
            CAST(_sn_amount__from_2 AS DOUBLE PRECISION) / NULLIF(_sn_amount__high - _sn_amount__edge_2, 0.0e0)
          ) AS DOUBLE PRECISION) / NULLIF(_sn_amount__n, 0.0e0)
        ) + CAST(0.1e0 AS DOUBLE PRECISION)
      ) AS DOUBLE PRECISION) / NULLIF(CAST(0.6931471805599453e0 AS DOUBLE PRECISION), 0.0e0)
    ) AS _sn_amount__level_2
  FROM bins
  OFFSET 0
), model AS (
  SELECT
    *,
    GREATEST(
      COALESCE(_sn_amount__level_0, CAST(0.0e0 AS DOUBLE PRECISION)),
      COALESCE(_sn_amount__level_1, CAST(0.0e0 AS DOUBLE PRECISION)),
      COALESCE(_sn_amount__level_2, CAST(0.0e0 AS DOUBLE PRECISION))
    ) AS _sn_amount__worst
  FROM levels
  OFFSET 0
), terms AS (
  SELECT
    source.*,
    CASE
      WHEN model._sn_amount__n >= 3
      THEN CASE
        WHEN model._sn_amount__scale = 0.0e0
        AND source._sn_amount >= model._sn_amount__low
        AND source._sn_amount <= model._sn_amount__high
        THEN CAST(0.0e0 AS DOUBLE PRECISION)
        WHEN NOT (
          model._sn_amount__scale > 0.0e0
        )
        THEN NULL
        WHEN source._sn_amount - model._sn_amount__high > model._sn_amount__scale * CAST(0.5e0 AS DOUBLE PRECISION)
        THEN model._sn_amount__worst
        WHEN model._sn_amount__low - source._sn_amount > model._sn_amount__scale * CAST(0.5e0 AS DOUBLE PRECISION)
        THEN model._sn_amount__worst
        WHEN source._sn_amount > model._sn_amount__edge_2
        THEN model._sn_amount__level_2
        WHEN source._sn_amount > model._sn_amount__edge_1
        THEN model._sn_amount__level_1
        WHEN NOT source._sn_amount IS NULL
        THEN model._sn_amount__level_0
      END
    END AS _sn_amount__term
  FROM source
  LEFT JOIN model
    ON ARRAY[source._sn__key1] = ARRAY[model._sn__key1]
  OFFSET 0
), scored AS (
  SELECT
    *,
    _sn_amount__term AS _sn__score
  FROM terms
  OFFSET 0
), cutoff AS (
  SELECT
    _sn__key1,
    PERCENTILE_CONT(0.95e0) WITHIN GROUP (ORDER BY
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
  _sn__cutoff1 AS threshold
FROM limited
WHERE
  _sn__score > CASE
    WHEN NOT _sn__cutoff1 IS NULL
    THEN _sn__cutoff1 + (
      CAST(1e-09 AS DOUBLE PRECISION) * GREATEST(CAST(1.0e0 AS DOUBLE PRECISION), ABS(_sn__cutoff1))
    )
  END
