-- SELECT id, anomaly_score(amount, detector => 'iqr')
--              OVER (PARTITION BY store ORDER BY day
--                    RANGE BETWEEN INTERVAL 7 DAY PRECEDING AND CURRENT ROW) AS score
-- FROM orders
/* sqlnomaly 0.1.0: iqr(amount); direction = both, min_rows = 4 */
WITH source AS (
  SELECT
    id,
    CASE WHEN ABS(amount) <= 1e+150 THEN amount END AS _sn_amount,
    store AS _sn__key1,
    day AS _sn__order1,
    CASE WHEN NOT day IS NULL THEN 1 ELSE 0 END AS _sn__fitted
  FROM orders
), placed AS (
  SELECT
    *,
    CASE
      WHEN NOT _sn__order1 IS NULL
      THEN ROW_NUMBER() OVER (
        PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
        ORDER BY _sn__order1 ASC, CASE WHEN _sn_amount IS NULL THEN 1 ELSE 0 END, COALESCE(_sn_amount, CAST(0.0e0 AS DOUBLE PRECISION)), _sn__fitted DESC
      )
    END AS _sn__place
  FROM source
  OFFSET 0
), ends AS (
  SELECT
    *,
    COUNT(1) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
      ORDER BY _sn__order1 ASC
      RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS _sn__place_high,
    (
      COUNT(1) OVER (
        PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
        ORDER BY _sn__order1 ASC
        RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
      ) - COUNT(1) OVER (
        PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
        ORDER BY _sn__order1 ASC
        RANGE BETWEEN INTERVAL '7 DAY' PRECEDING AND CURRENT ROW
      )
    ) + 1 AS _sn__place_low
  FROM placed
  OFFSET 0
), reach AS (
  SELECT
    *,
    MAX(
      GREATEST(
        COALESCE(_sn__place, _sn__place_low) - _sn__place_low,
        _sn__place_high - COALESCE(_sn__place, _sn__place_low),
        1
      )
    ) OVER (PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END) AS _sn__place_reach
  FROM ends
  OFFSET 0
), places AS (
  SELECT
    _sn__key1,
    _sn__place,
    _sn__place_low,
    _sn__place_high,
    CAST(FLOOR(
      CAST(_sn__place AS DOUBLE PRECISION) / NULLIF(CAST(_sn__place_reach AS DOUBLE PRECISION), 0.0e0)
    ) AS BIGINT) + (
      -1
    ) AS _sn__stretch
  FROM reach
  WHERE
    NOT _sn__place IS NULL
  UNION ALL
  SELECT
    _sn__key1,
    _sn__place,
    _sn__place_low,
    _sn__place_high,
    CAST(FLOOR(
      CAST(_sn__place AS DOUBLE PRECISION) / NULLIF(CAST(_sn__place_reach AS DOUBLE PRECISION), 0.0e0)
    ) AS BIGINT) + 0 AS _sn__stretch
  FROM reach
  WHERE
    NOT _sn__place IS NULL
  UNION ALL
  SELECT
    _sn__key1,
    _sn__place,
    _sn__place_low,
    _sn__place_high,
    CAST(FLOOR(
      CAST(_sn__place AS DOUBLE PRECISION) / NULLIF(CAST(_sn__place_reach AS DOUBLE PRECISION), 0.0e0)
    ) AS BIGINT) + 1 AS _sn__stretch
  FROM reach
  WHERE
    NOT _sn__place IS NULL
), frame1 AS (
  SELECT
    places._sn__key1,
    places._sn__place,
    reach._sn_amount,
    reach._sn__fitted
  FROM places
  INNER JOIN reach
    ON ARRAY[reach._sn__key1] = ARRAY[places._sn__key1]
    AND CAST(FLOOR(
      CAST(reach._sn__place AS DOUBLE PRECISION) / NULLIF(CAST(reach._sn__place_reach AS DOUBLE PRECISION), 0.0e0)
    ) AS BIGINT) = places._sn__stretch
  WHERE
    reach._sn__place <> places._sn__place
    AND reach._sn__place >= places._sn__place_low
    AND reach._sn__place <= places._sn__place_high
), quartiles AS (
  SELECT
    _sn__key1,
    _sn__place,
    COUNT(_sn_amount) AS _sn_amount__n,
    PERCENTILE_CONT(0.25e0) WITHIN GROUP (ORDER BY
      _sn_amount) AS _sn_amount__q1,
    PERCENTILE_CONT(0.75e0) WITHIN GROUP (ORDER BY
      _sn_amount) AS _sn_amount__q3
  FROM frame1
  WHERE
    _sn__fitted = 1
  GROUP BY
    _sn__key1,
    _sn__place
), earlier AS (
  SELECT
    reach.*,
    quartiles._sn_amount__n,
    quartiles._sn_amount__q1,
    quartiles._sn_amount__q3
  FROM reach
  LEFT JOIN quartiles
    ON ARRAY[reach._sn__key1] = ARRAY[quartiles._sn__key1]
    AND ARRAY[reach._sn__place] = ARRAY[quartiles._sn__place]
  OFFSET 0
), model AS (
  SELECT
    *,
    CASE
      WHEN _sn_amount__q3 - _sn_amount__q1 > 1e-150
      THEN _sn_amount__q3 - _sn_amount__q1
      ELSE CAST(0.0e0 AS DOUBLE PRECISION)
    END AS _sn_amount__scale,
    _sn_amount__q1 + (
      CAST(0.5e0 AS DOUBLE PRECISION) * (
        _sn_amount__q3 - _sn_amount__q1
      )
    ) AS _sn_amount__centre
  FROM earlier
  OFFSET 0
), terms AS (
  SELECT
    *,
    CASE
      WHEN _sn_amount__n >= 4
      THEN CASE
        WHEN _sn_amount__scale > 0.0e0
        AND GREATEST(_sn_amount - _sn_amount__q3, _sn_amount__q1 - _sn_amount) > 0.0e0
        THEN CAST(GREATEST(_sn_amount - _sn_amount__q3, _sn_amount__q1 - _sn_amount) AS DOUBLE PRECISION) / NULLIF(_sn_amount__scale, 0.0e0)
        WHEN _sn_amount__scale > 0.0e0
        AND GREATEST(_sn_amount - _sn_amount__q3, _sn_amount__q1 - _sn_amount) <= 0.0e0
        THEN CAST(0.0e0 AS DOUBLE PRECISION)
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
