-- SELECT id, anomaly_score(amount, items, detector => 'zscore', leave_one_out => TRUE)
--              FILTER (WHERE NOT disputed) OVER (PARTITION BY store) AS score
-- FROM orders
/* sqlnomaly 0.1.0: zscore(amount, items); ddof = 1, direction = both, min_rows = 3, leave_one_out = TRUE */
WITH source AS (
  SELECT
    id,
    CASE WHEN ABS(amount) <= 1e+150 THEN amount END AS _sn_amount,
    CAST(items AS DOUBLE) AS _sn_items,
    store AS _sn__key1,
    CASE WHEN NOT disputed THEN 1 ELSE 0 END AS _sn__fitted
  FROM orders
), baseline AS (
  SELECT
    _sn__key1,
    COUNT(_sn_amount) AS _sn_amount__n,
    AVG(_sn_amount) AS _sn_amount__mean,
    POWER(STDDEV_POP(_sn_amount), 2) * COUNT(_sn_amount) AS _sn_amount__m2,
    MIN(_sn_amount) AS _sn_amount__low,
    MAX(_sn_amount) AS _sn_amount__high,
    COUNT(_sn_items) AS _sn_items__n,
    AVG(_sn_items) AS _sn_items__mean,
    POWER(STDDEV_POP(_sn_items), 2) * COUNT(_sn_items) AS _sn_items__m2,
    MIN(_sn_items) AS _sn_items__low,
    MAX(_sn_items) AS _sn_items__high
  FROM source
  WHERE
    _sn__fitted = 1
  GROUP BY
    _sn__key1
), without_own AS (
  SELECT
    source.*,
    CASE
      WHEN NOT source._sn_amount IS NULL AND source._sn__fitted = 1
      THEN baseline._sn_amount__n - 1
      ELSE baseline._sn_amount__n
    END AS _sn_amount__n,
    CASE
      WHEN NOT source._sn_amount IS NULL AND source._sn__fitted = 1
      THEN CASE
        WHEN baseline._sn_amount__low = baseline._sn_amount__high
        THEN baseline._sn_amount__low
        ELSE baseline._sn_amount__mean - (
          (
            source._sn_amount - baseline._sn_amount__mean
          ) / NULLIF(baseline._sn_amount__n - 1, 0.0e0)
        )
      END
      ELSE baseline._sn_amount__mean
    END AS _sn_amount__mean,
    CASE
      WHEN NOT source._sn_amount IS NULL AND source._sn__fitted = 1
      THEN CASE
        WHEN baseline._sn_amount__low = baseline._sn_amount__high
        THEN CAST(0.0e0 AS DOUBLE)
        WHEN baseline._sn_amount__m2 - (
          (
            baseline._sn_amount__n * (
              (
                source._sn_amount - baseline._sn_amount__mean
              ) * (
                source._sn_amount - baseline._sn_amount__mean
              )
            )
          ) / NULLIF(baseline._sn_amount__n - 1, 0.0e0)
        ) <= CAST(1e-12 AS DOUBLE) * baseline._sn_amount__m2
        THEN CAST(0.0e0 AS DOUBLE)
        ELSE baseline._sn_amount__m2 - (
          (
            baseline._sn_amount__n * (
              (
                source._sn_amount - baseline._sn_amount__mean
              ) * (
                source._sn_amount - baseline._sn_amount__mean
              )
            )
          ) / NULLIF(baseline._sn_amount__n - 1, 0.0e0)
        )
      END
      ELSE baseline._sn_amount__m2
    END AS _sn_amount__m2,
    CASE
      WHEN NOT source._sn_amount IS NULL AND source._sn__fitted = 1
      THEN CASE
        WHEN baseline._sn_amount__low = baseline._sn_amount__high
        THEN baseline._sn_amount__low
        WHEN baseline._sn_amount__m2 - (
          (
            baseline._sn_amount__n * (
              (
                source._sn_amount - baseline._sn_amount__mean
              ) * (
                source._sn_amount - baseline._sn_amount__mean
              )
            )
          ) / NULLIF(baseline._sn_amount__n - 1, 0.0e0)
        ) <= CAST(1e-12 AS DOUBLE) * baseline._sn_amount__m2
        THEN baseline._sn_amount__mean - (
          (
            source._sn_amount - baseline._sn_amount__mean
          ) / NULLIF(baseline._sn_amount__n - 1, 0.0e0)
        )
        ELSE baseline._sn_amount__low
      END
      ELSE baseline._sn_amount__low
    END AS _sn_amount__low,
    CASE
      WHEN NOT source._sn_amount IS NULL AND source._sn__fitted = 1
      THEN CASE
        WHEN baseline._sn_amount__low = baseline._sn_amount__high
        THEN baseline._sn_amount__high
        WHEN baseline._sn_amount__m2 - (
          (
            baseline._sn_amount__n * (
              (
                source._sn_amount - baseline._sn_amount__mean
              ) * (
                source._sn_amount - baseline._sn_amount__mean
              )
            )
          ) / NULLIF(baseline._sn_amount__n - 1, 0.0e0)
        ) <= CAST(1e-12 AS DOUBLE) * baseline._sn_amount__m2
        THEN baseline._sn_amount__mean - (
          (
            source._sn_amount - baseline._sn_amount__mean
          ) / NULLIF(baseline._sn_amount__n - 1, 0.0e0)
        )
        ELSE baseline._sn_amount__high
      END
      ELSE baseline._sn_amount__high
    END AS _sn_amount__high,
    CASE
      WHEN NOT source._sn_items IS NULL AND source._sn__fitted = 1
      THEN baseline._sn_items__n - 1
      ELSE baseline._sn_items__n
    END AS _sn_items__n,
    CASE
      WHEN NOT source._sn_items IS NULL AND source._sn__fitted = 1
      THEN CASE
        WHEN baseline._sn_items__low = baseline._sn_items__high
        THEN baseline._sn_items__low
        ELSE baseline._sn_items__mean - (
          (
            source._sn_items - baseline._sn_items__mean
          ) / NULLIF(baseline._sn_items__n - 1, 0.0e0)
        )
      END
      ELSE baseline._sn_items__mean
    END AS _sn_items__mean,
    CASE
      WHEN NOT source._sn_items IS NULL AND source._sn__fitted = 1
      THEN CASE
        WHEN baseline._sn_items__low = baseline._sn_items__high
        THEN CAST(0.0e0 AS DOUBLE)
        WHEN baseline._sn_items__m2 - (
          (
            baseline._sn_items__n * (
              (
                source._sn_items - baseline._sn_items__mean
              ) * (
                source._sn_items - baseline._sn_items__mean
              )
            )
          ) / NULLIF(baseline._sn_items__n - 1, 0.0e0)
        ) <= CAST(1e-12 AS DOUBLE) * baseline._sn_items__m2
        THEN CAST(0.0e0 AS DOUBLE)
        ELSE baseline._sn_items__m2 - (
          (
            baseline._sn_items__n * (
              (
                source._sn_items - baseline._sn_items__mean
              ) * (
                source._sn_items - baseline._sn_items__mean
              )
            )
          ) / NULLIF(baseline._sn_items__n - 1, 0.0e0)
        )
      END
      ELSE baseline._sn_items__m2
    END AS _sn_items__m2,
    CASE
      WHEN NOT source._sn_items IS NULL AND source._sn__fitted = 1
      THEN CASE
        WHEN baseline._sn_items__low = baseline._sn_items__high
        THEN baseline._sn_items__low
        WHEN baseline._sn_items__m2 - (
          (
            baseline._sn_items__n * (
              (
                source._sn_items - baseline._sn_items__mean
              ) * (
                source._sn_items - baseline._sn_items__mean
              )
            )
          ) / NULLIF(baseline._sn_items__n - 1, 0.0e0)
        ) <= CAST(1e-12 AS DOUBLE) * baseline._sn_items__m2
        THEN baseline._sn_items__mean - (
          (
            source._sn_items - baseline._sn_items__mean
          ) / NULLIF(baseline._sn_items__n - 1, 0.0e0)
        )
        ELSE baseline._sn_items__low
      END
      ELSE baseline._sn_items__low
    END AS _sn_items__low,
    CASE
      WHEN NOT source._sn_items IS NULL AND source._sn__fitted = 1
      THEN CASE
        WHEN baseline._sn_items__low = baseline._sn_items__high
        THEN baseline._sn_items__high
        WHEN baseline._sn_items__m2 - (
          (
            baseline._sn_items__n * (
              (
                source._sn_items - baseline._sn_items__mean
              ) * (
                source._sn_items - baseline._sn_items__mean
              )
            )
          ) / NULLIF(baseline._sn_items__n - 1, 0.0e0)
        ) <= CAST(1e-12 AS DOUBLE) * baseline._sn_items__m2
        THEN baseline._sn_items__mean - (
          (
            source._sn_items - baseline._sn_items__mean
          ) / NULLIF(baseline._sn_items__n - 1, 0.0e0)
        )
        ELSE baseline._sn_items__high
      END
      ELSE baseline._sn_items__high
    END AS _sn_items__high
  FROM source
  LEFT JOIN baseline
    ON source._sn__key1 IS NOT DISTINCT FROM baseline._sn__key1
), model AS (
  SELECT
    *,
    CASE
      WHEN _sn_amount__low = _sn_amount__high
      THEN _sn_amount__low
      ELSE _sn_amount__mean
    END AS _sn_amount__centre,
    CASE
      WHEN _sn_amount__low < _sn_amount__high
      AND _sn_amount__m2 / NULLIF(_sn_amount__n - 1, 0.0e0) > 1e-300
      THEN SQRT(
        CASE
          WHEN _sn_amount__m2 / NULLIF(_sn_amount__n - 1, 0.0e0) >= 0.0e0
          THEN _sn_amount__m2 / NULLIF(_sn_amount__n - 1, 0.0e0)
        END
      )
      ELSE CAST(0.0e0 AS DOUBLE)
    END AS _sn_amount__scale,
    CASE
      WHEN _sn_items__low = _sn_items__high
      THEN _sn_items__low
      ELSE _sn_items__mean
    END AS _sn_items__centre,
    CASE
      WHEN _sn_items__low < _sn_items__high
      AND _sn_items__m2 / NULLIF(_sn_items__n - 1, 0.0e0) > 1e-300
      THEN SQRT(
        CASE
          WHEN _sn_items__m2 / NULLIF(_sn_items__n - 1, 0.0e0) >= 0.0e0
          THEN _sn_items__m2 / NULLIF(_sn_items__n - 1, 0.0e0)
        END
      )
      ELSE CAST(0.0e0 AS DOUBLE)
    END AS _sn_items__scale
  FROM without_own
), terms AS (
  SELECT
    *,
    CASE
      WHEN _sn_amount__n >= 3
      THEN CASE
        WHEN _sn_amount__scale > 0.0e0
        THEN ABS(_sn_amount - _sn_amount__centre) / NULLIF(_sn_amount__scale, 0.0e0)
        WHEN _sn_amount = _sn_amount__centre
        THEN CAST(0.0e0 AS DOUBLE)
      END
    END AS _sn_amount__term,
    CASE
      WHEN _sn_items__n >= 3
      THEN CASE
        WHEN _sn_items__scale > 0.0e0
        THEN ABS(_sn_items - _sn_items__centre) / NULLIF(_sn_items__scale, 0.0e0)
        WHEN _sn_items = _sn_items__centre
        THEN CAST(0.0e0 AS DOUBLE)
      END
    END AS _sn_items__term
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
  _sn__score AS score
FROM scored
