-- SELECT id, anomaly_score(amount, detector => 'zscore')
--              OVER (PARTITION BY store ORDER BY day
--                    RANGE BETWEEN INTERVAL 7 DAY PRECEDING AND CURRENT ROW) AS score
-- FROM orders
/* sqlnomaly 0.1.0: zscore(amount); ddof = 1, direction = both, min_rows = 3 */
WITH source AS (
  SELECT
    id,
    CASE WHEN ABS(amount) <= 1e+150 THEN amount END AS _sn_amount,
    store AS _sn__key1,
    day AS _sn__order1,
    CASE WHEN NOT day IS NULL THEN 1 ELSE 0 END AS _sn__fitted
  FROM orders
), frame AS (
  SELECT
    *,
    COUNT(CASE WHEN _sn__fitted = 1 THEN _sn_amount END) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
      ORDER BY _sn__order1 ASC
      RANGE BETWEEN INTERVAL '7 DAY' PRECEDING AND CURRENT ROW
    ) AS _sn_amount__n_all,
    AVG(CASE WHEN _sn__fitted = 1 THEN _sn_amount END) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
      ORDER BY _sn__order1 ASC
      RANGE BETWEEN INTERVAL '7 DAY' PRECEDING AND CURRENT ROW
    ) AS _sn_amount__mean_all,
    VAR_POP(CASE WHEN _sn__fitted = 1 THEN _sn_amount END) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
      ORDER BY _sn__order1 ASC
      RANGE BETWEEN INTERVAL '7 DAY' PRECEDING AND CURRENT ROW
    ) * COUNT(CASE WHEN _sn__fitted = 1 THEN _sn_amount END) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
      ORDER BY _sn__order1 ASC
      RANGE BETWEEN INTERVAL '7 DAY' PRECEDING AND CURRENT ROW
    ) AS _sn_amount__m2_all,
    MIN(CASE WHEN _sn__fitted = 1 THEN _sn_amount END) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
      ORDER BY _sn__order1 ASC
      RANGE BETWEEN INTERVAL '7 DAY' PRECEDING AND CURRENT ROW
    ) AS _sn_amount__low_all,
    MAX(CASE WHEN _sn__fitted = 1 THEN _sn_amount END) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
      ORDER BY _sn__order1 ASC
      RANGE BETWEEN INTERVAL '7 DAY' PRECEDING AND CURRENT ROW
    ) AS _sn_amount__high_all
  FROM source
  OFFSET 0
), without_own AS (
  SELECT
    *,
    CASE
      WHEN NOT _sn_amount IS NULL AND _sn__fitted = 1
      THEN _sn_amount__n_all - 1
      ELSE _sn_amount__n_all
    END AS _sn_amount__n,
    CASE
      WHEN NOT _sn_amount IS NULL AND _sn__fitted = 1
      THEN CASE
        WHEN _sn_amount__low_all = _sn_amount__high_all
        THEN _sn_amount__low_all
        ELSE _sn_amount__mean_all - (
          CAST((
            _sn_amount - _sn_amount__mean_all
          ) AS DOUBLE PRECISION) / NULLIF(_sn_amount__n_all - 1, 0.0e0)
        )
      END
      ELSE _sn_amount__mean_all
    END AS _sn_amount__mean,
    CASE
      WHEN NOT _sn_amount IS NULL AND _sn__fitted = 1
      THEN CASE
        WHEN _sn_amount__low_all = _sn_amount__high_all
        THEN CAST(0.0e0 AS DOUBLE PRECISION)
        WHEN _sn_amount__m2_all - (
          CAST((
            _sn_amount__n_all * (
              (
                _sn_amount - _sn_amount__mean_all
              ) * (
                _sn_amount - _sn_amount__mean_all
              )
            )
          ) AS DOUBLE PRECISION) / NULLIF(_sn_amount__n_all - 1, 0.0e0)
        ) <= CAST(1e-12 AS DOUBLE PRECISION) * _sn_amount__m2_all
        THEN CAST(0.0e0 AS DOUBLE PRECISION)
        ELSE _sn_amount__m2_all - (
          CAST((
            _sn_amount__n_all * (
              (
                _sn_amount - _sn_amount__mean_all
              ) * (
                _sn_amount - _sn_amount__mean_all
              )
            )
          ) AS DOUBLE PRECISION) / NULLIF(_sn_amount__n_all - 1, 0.0e0)
        )
      END
      ELSE _sn_amount__m2_all
    END AS _sn_amount__m2,
    CASE
      WHEN NOT _sn_amount IS NULL AND _sn__fitted = 1
      THEN CASE
        WHEN _sn_amount__low_all = _sn_amount__high_all
        THEN _sn_amount__low_all
        WHEN _sn_amount__m2_all - (
          CAST((
            _sn_amount__n_all * (
              (
                _sn_amount - _sn_amount__mean_all
              ) * (
                _sn_amount - _sn_amount__mean_all
              )
            )
          ) AS DOUBLE PRECISION) / NULLIF(_sn_amount__n_all - 1, 0.0e0)
        ) <= CAST(1e-12 AS DOUBLE PRECISION) * _sn_amount__m2_all
        THEN _sn_amount__mean_all - (
          CAST((
            _sn_amount - _sn_amount__mean_all
          ) AS DOUBLE PRECISION) / NULLIF(_sn_amount__n_all - 1, 0.0e0)
        )
        ELSE _sn_amount__low_all
      END
      ELSE _sn_amount__low_all
    END AS _sn_amount__low,
    CASE
      WHEN NOT _sn_amount IS NULL AND _sn__fitted = 1
      THEN CASE
        WHEN _sn_amount__low_all = _sn_amount__high_all
        THEN _sn_amount__high_all
        WHEN _sn_amount__m2_all - (
          CAST((
            _sn_amount__n_all * (
              (
                _sn_amount - _sn_amount__mean_all
              ) * (
                _sn_amount - _sn_amount__mean_all
              )
            )
          ) AS DOUBLE PRECISION) / NULLIF(_sn_amount__n_all - 1, 0.0e0)
        ) <= CAST(1e-12 AS DOUBLE PRECISION) * _sn_amount__m2_all
        THEN _sn_amount__mean_all - (
          CAST((
            _sn_amount - _sn_amount__mean_all
          ) AS DOUBLE PRECISION) / NULLIF(_sn_amount__n_all - 1, 0.0e0)
        )
        ELSE _sn_amount__high_all
      END
      ELSE _sn_amount__high_all
    END AS _sn_amount__high
  FROM frame
  OFFSET 0
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
      AND CAST(_sn_amount__m2 AS DOUBLE PRECISION) / NULLIF(_sn_amount__n - 1, 0.0e0) > 1e-300
      THEN SQRT(
        CASE
          WHEN CAST(_sn_amount__m2 AS DOUBLE PRECISION) / NULLIF(_sn_amount__n - 1, 0.0e0) >= 0.0e0
          THEN CAST(_sn_amount__m2 AS DOUBLE PRECISION) / NULLIF(_sn_amount__n - 1, 0.0e0)
        END
      )
      ELSE CAST(0.0e0 AS DOUBLE PRECISION)
    END AS _sn_amount__scale
  FROM without_own
  OFFSET 0
), terms AS (
  SELECT
    *,
    CASE
      WHEN _sn_amount__n >= 3
      THEN CASE
        WHEN _sn_amount__scale > 0.0e0
        THEN CAST(ABS(_sn_amount - _sn_amount__centre) AS DOUBLE PRECISION) / NULLIF(_sn_amount__scale, 0.0e0)
        WHEN _sn_amount = _sn_amount__centre
        THEN CAST(0.0e0 AS DOUBLE PRECISION)
      END
    END AS _sn_amount__term
  FROM model
  OFFSET 0
), scored AS (
  SELECT
    *,
    _sn_amount__term AS _sn__score
  FROM terms
  OFFSET 0
)
SELECT
  id,
  _sn__score AS score
FROM scored
