-- SELECT id, anomaly_score(amount, detector => 'zscore')
--              OVER (PARTITION BY store ORDER BY day ROWS BETWEEN 6 PRECEDING AND 6 FOLLOWING) AS score
-- FROM orders
-- QUALIFY score > 2
/* sqlnomaly 0.1.0: zscore(amount); ddof = 1, direction = both, min_rows = 3 */
WITH source AS (
  SELECT
    id,
    CASE WHEN ABS(amount) <= 1e+150 THEN amount END AS _sn_amount,
    store AS _sn__key1,
    day AS _sn__order1,
    CASE WHEN NOT day IS NULL THEN 1 ELSE 0 END AS _sn__fitted
  FROM orders
), halves AS (
  SELECT
    *,
    COUNT(CASE WHEN _sn__fitted = 1 THEN _sn_amount END) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
      ORDER BY _sn__order1 ASC, CASE WHEN _sn_amount IS NULL THEN 1 ELSE 0 END, COALESCE(_sn_amount, 0.0e0), _sn__fitted DESC
      ROWS BETWEEN 6 PRECEDING AND 1 PRECEDING
    ) AS _sn_amount__n_before,
    AVG(CASE WHEN _sn__fitted = 1 THEN _sn_amount END) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
      ORDER BY _sn__order1 ASC, CASE WHEN _sn_amount IS NULL THEN 1 ELSE 0 END, COALESCE(_sn_amount, 0.0e0), _sn__fitted DESC
      ROWS BETWEEN 6 PRECEDING AND 1 PRECEDING
    ) AS _sn_amount__mean_before,
    VAR_POP(CASE WHEN _sn__fitted = 1 THEN _sn_amount END) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
      ORDER BY _sn__order1 ASC, CASE WHEN _sn_amount IS NULL THEN 1 ELSE 0 END, COALESCE(_sn_amount, 0.0e0), _sn__fitted DESC
      ROWS BETWEEN 6 PRECEDING AND 1 PRECEDING
    ) * COUNT(CASE WHEN _sn__fitted = 1 THEN _sn_amount END) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
      ORDER BY _sn__order1 ASC, CASE WHEN _sn_amount IS NULL THEN 1 ELSE 0 END, COALESCE(_sn_amount, 0.0e0), _sn__fitted DESC
      ROWS BETWEEN 6 PRECEDING AND 1 PRECEDING
    ) AS _sn_amount__m2_before,
    MIN(CASE WHEN _sn__fitted = 1 THEN _sn_amount END) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
      ORDER BY _sn__order1 ASC, CASE WHEN _sn_amount IS NULL THEN 1 ELSE 0 END, COALESCE(_sn_amount, 0.0e0), _sn__fitted DESC
      ROWS BETWEEN 6 PRECEDING AND 1 PRECEDING
    ) AS _sn_amount__low_before,
    MAX(CASE WHEN _sn__fitted = 1 THEN _sn_amount END) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
      ORDER BY _sn__order1 ASC, CASE WHEN _sn_amount IS NULL THEN 1 ELSE 0 END, COALESCE(_sn_amount, 0.0e0), _sn__fitted DESC
      ROWS BETWEEN 6 PRECEDING AND 1 PRECEDING
    ) AS _sn_amount__high_before,
    COUNT(CASE WHEN _sn__fitted = 1 THEN _sn_amount END) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
      ORDER BY _sn__order1 ASC, CASE WHEN _sn_amount IS NULL THEN 1 ELSE 0 END, COALESCE(_sn_amount, 0.0e0), _sn__fitted DESC
      ROWS BETWEEN 1 FOLLOWING AND 6 FOLLOWING
    ) AS _sn_amount__n_after,
    AVG(CASE WHEN _sn__fitted = 1 THEN _sn_amount END) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
      ORDER BY _sn__order1 ASC, CASE WHEN _sn_amount IS NULL THEN 1 ELSE 0 END, COALESCE(_sn_amount, 0.0e0), _sn__fitted DESC
      ROWS BETWEEN 1 FOLLOWING AND 6 FOLLOWING
    ) AS _sn_amount__mean_after,
    VAR_POP(CASE WHEN _sn__fitted = 1 THEN _sn_amount END) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
      ORDER BY _sn__order1 ASC, CASE WHEN _sn_amount IS NULL THEN 1 ELSE 0 END, COALESCE(_sn_amount, 0.0e0), _sn__fitted DESC
      ROWS BETWEEN 1 FOLLOWING AND 6 FOLLOWING
    ) * COUNT(CASE WHEN _sn__fitted = 1 THEN _sn_amount END) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
      ORDER BY _sn__order1 ASC, CASE WHEN _sn_amount IS NULL THEN 1 ELSE 0 END, COALESCE(_sn_amount, 0.0e0), _sn__fitted DESC
      ROWS BETWEEN 1 FOLLOWING AND 6 FOLLOWING
    ) AS _sn_amount__m2_after,
    MIN(CASE WHEN _sn__fitted = 1 THEN _sn_amount END) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
      ORDER BY _sn__order1 ASC, CASE WHEN _sn_amount IS NULL THEN 1 ELSE 0 END, COALESCE(_sn_amount, 0.0e0), _sn__fitted DESC
      ROWS BETWEEN 1 FOLLOWING AND 6 FOLLOWING
    ) AS _sn_amount__low_after,
    MAX(CASE WHEN _sn__fitted = 1 THEN _sn_amount END) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
      ORDER BY _sn__order1 ASC, CASE WHEN _sn_amount IS NULL THEN 1 ELSE 0 END, COALESCE(_sn_amount, 0.0e0), _sn__fitted DESC
      ROWS BETWEEN 1 FOLLOWING AND 6 FOLLOWING
    ) AS _sn_amount__high_after
  FROM source
), frame AS (
  SELECT
    *,
    _sn_amount__n_before + _sn_amount__n_after AS _sn_amount__n,
    CASE
      WHEN _sn_amount__n_before = 0
      THEN _sn_amount__mean_after
      WHEN _sn_amount__n_after = 0
      THEN _sn_amount__mean_before
      ELSE _sn_amount__mean_before + (
        CAST((
          (
            _sn_amount__mean_after - _sn_amount__mean_before
          ) * _sn_amount__n_after
        ) AS DOUBLE) / NULLIF(_sn_amount__n_before + _sn_amount__n_after, 0.0e0)
      )
    END AS _sn_amount__mean,
    CASE
      WHEN _sn_amount__n_before = 0
      THEN _sn_amount__m2_after
      WHEN _sn_amount__n_after = 0
      THEN _sn_amount__m2_before
      ELSE _sn_amount__m2_before + _sn_amount__m2_after + (
        CAST((
          (
            (
              _sn_amount__mean_after - _sn_amount__mean_before
            ) * (
              _sn_amount__mean_after - _sn_amount__mean_before
            )
          ) * (
            _sn_amount__n_before * _sn_amount__n_after
          )
        ) AS DOUBLE) / NULLIF(_sn_amount__n_before + _sn_amount__n_after, 0.0e0)
      )
    END AS _sn_amount__m2,
    CASE
      WHEN _sn_amount__n_before = 0
      THEN _sn_amount__low_after
      WHEN _sn_amount__n_after = 0
      THEN _sn_amount__low_before
      ELSE LEAST(_sn_amount__low_before, _sn_amount__low_after)
    END AS _sn_amount__low,
    CASE
      WHEN _sn_amount__n_before = 0
      THEN _sn_amount__high_after
      WHEN _sn_amount__n_after = 0
      THEN _sn_amount__high_before
      ELSE GREATEST(_sn_amount__high_before, _sn_amount__high_after)
    END AS _sn_amount__high
  FROM halves
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
      AND CAST(_sn_amount__m2 AS DOUBLE) / NULLIF(_sn_amount__n - 1, 0.0e0) > 1e-300
      THEN SQRT(
        CASE
          WHEN CAST(_sn_amount__m2 AS DOUBLE) / NULLIF(_sn_amount__n - 1, 0.0e0) >= 0.0e0
          THEN CAST(_sn_amount__m2 AS DOUBLE) / NULLIF(_sn_amount__n - 1, 0.0e0)
        END
      )
      ELSE 0.0e0
    END AS _sn_amount__scale
  FROM frame
), terms AS (
  SELECT
    *,
    CASE
      WHEN _sn_amount__n >= 3
      THEN CASE
        WHEN _sn_amount__scale > 0.0e0
        THEN CAST(ABS(_sn_amount - _sn_amount__centre) AS DOUBLE) / NULLIF(_sn_amount__scale, 0.0e0)
        WHEN _sn_amount = _sn_amount__centre
        THEN 0.0e0
      END
    END AS _sn_amount__term
  FROM model
), scored AS (
  SELECT
    *,
    _sn_amount__term AS _sn__score
  FROM terms
)
SELECT
  id,
  _sn__score AS score
FROM scored
WHERE
  _sn__score > 2
