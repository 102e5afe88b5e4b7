-- SELECT id, anomaly_score(amount, detector => 'zscore') OVER (PARTITION BY store ORDER BY day) AS score,
--        anomaly_status(amount, detector => 'zscore') OVER (PARTITION BY store ORDER BY day) AS status
-- FROM orders
/* sqlnomaly 0.1.0: zscore(amount); ddof = 1, direction = both, min_rows = 3 */
WITH source AS (
  SELECT
    id AS id,
    CASE WHEN ABS(amount) <= 1e+150 THEN amount END AS _sn_amount,
    amount AS _sn_amount__raw,
    store AS _sn__key1,
    day AS _sn__order1,
    CASE WHEN NOT day IS NULL THEN 1 ELSE 0 END AS _sn__fitted
  FROM orders
), pivots AS (
  SELECT
    *,
    AVG(CASE WHEN _sn__fitted = 1 THEN _sn_amount END) OVER (PARTITION BY _sn__key1) AS _sn__history_pivot1
  FROM source
), history AS (
  SELECT
    *,
    COUNT_BIG(CASE WHEN _sn__fitted = 1 THEN _sn_amount END) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
      ORDER BY _sn__order1 ASC
      ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS _sn_amount__n_first,
    AVG(CASE WHEN _sn__fitted = 1 THEN _sn_amount END) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
      ORDER BY _sn__order1 ASC
      ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS _sn_amount__mean_first,
    VARP(CASE WHEN _sn__fitted = 1 THEN _sn_amount END - _sn__history_pivot1) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
      ORDER BY _sn__order1 ASC
      ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) * COUNT_BIG(CASE WHEN _sn__fitted = 1 THEN _sn_amount END) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
      ORDER BY _sn__order1 ASC
      ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS _sn_amount__m2_first,
    MIN(CASE WHEN _sn__fitted = 1 THEN _sn_amount END) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
      ORDER BY _sn__order1 ASC
      ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS _sn_amount__low_first,
    MAX(CASE WHEN _sn__fitted = 1 THEN _sn_amount END) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
      ORDER BY _sn__order1 ASC
      ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS _sn_amount__high_first,
    RANK() OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
      ORDER BY _sn__order1 ASC
    ) AS _sn__peers,
    COUNT_BIG(1) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
      ORDER BY _sn__order1 ASC
      ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS _sn__before
  FROM pivots
), earlier AS (
  SELECT
    *,
    FIRST_VALUE(_sn_amount__n_first) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn__peers
      ORDER BY _sn__before
    ) AS _sn_amount__n,
    FIRST_VALUE(_sn_amount__mean_first) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn__peers
      ORDER BY _sn__before
    ) AS _sn_amount__mean,
    FIRST_VALUE(_sn_amount__m2_first) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn__peers
      ORDER BY _sn__before
    ) AS _sn_amount__m2,
    FIRST_VALUE(_sn_amount__low_first) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn__peers
      ORDER BY _sn__before
    ) AS _sn_amount__low,
    FIRST_VALUE(_sn_amount__high_first) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn__peers
      ORDER BY _sn__before
    ) AS _sn_amount__high
  FROM history
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
      AND CAST(_sn_amount__m2 AS FLOAT) / NULLIF(_sn_amount__n - 1, 0.0e0) > 1e-300
      THEN SQRT(
        CASE
          WHEN CAST(_sn_amount__m2 AS FLOAT) / NULLIF(_sn_amount__n - 1, 0.0e0) >= 0.0e0
          THEN CAST(_sn_amount__m2 AS FLOAT) / NULLIF(_sn_amount__n - 1, 0.0e0)
        END
      )
      ELSE 0.0e0
    END AS _sn_amount__scale
  FROM earlier
), terms AS (
  SELECT
    *,
    CASE
      WHEN _sn_amount__n >= 3
      THEN CASE
        WHEN _sn_amount__scale > 0.0e0
        THEN CAST(ABS(_sn_amount - _sn_amount__centre) AS FLOAT) / NULLIF(_sn_amount__scale, 0.0e0)
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
  _sn__score AS score,
  CASE
    WHEN _sn__order1 IS NULL OR _sn_amount__raw IS NULL
    THEN 'missing_value'
    WHEN _sn_amount IS NULL
    THEN 'out_of_range'
    WHEN COALESCE(_sn_amount__n, 0) < 3
    THEN 'warm_up'
    WHEN _sn__score IS NULL OR _sn_amount__scale = 0.0e0
    THEN 'constant_baseline'
    ELSE 'ok'
  END AS status
FROM scored
