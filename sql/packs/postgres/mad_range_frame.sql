-- SELECT id, anomaly_score(amount, detector => 'mad')
--              OVER (PARTITION BY store ORDER BY day
--                    RANGE BETWEEN INTERVAL 7 DAY PRECEDING AND CURRENT ROW) AS score
-- FROM orders
/* sqlnomaly 0.1.0: mad(amount); direction = both, min_rows = 3 */
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
), frame2 AS (
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
), centre AS (
  SELECT
    _sn__key1,
    _sn__place,
    COUNT(_sn_amount) AS _sn_amount__n,
    PERCENTILE_CONT(0.5e0) WITHIN GROUP (ORDER BY
      _sn_amount) AS _sn_amount__centre
  FROM frame2
  WHERE
    _sn__fitted = 1
  GROUP BY
    _sn__key1,
    _sn__place
), spread AS (
  SELECT
    frame1._sn__key1,
    frame1._sn__place,
    MIN(centre._sn_amount__n) AS _sn_amount__n,
    MIN(centre._sn_amount__centre) AS _sn_amount__centre,
    PERCENTILE_CONT(0.5e0) WITHIN GROUP (ORDER BY
      ABS(frame1._sn_amount - centre._sn_amount__centre)) AS _sn_amount__mad
  FROM frame1
  LEFT JOIN centre
    ON ARRAY[frame1._sn__key1] = ARRAY[centre._sn__key1]
    AND ARRAY[frame1._sn__place] = ARRAY[centre._sn__place]
  WHERE
    frame1._sn__fitted = 1
  GROUP BY
    frame1._sn__key1,
    frame1._sn__place
), earlier AS (
  SELECT
    reach.*,
    spread._sn_amount__n,
    spread._sn_amount__centre,
    spread._sn_amount__mad
  FROM reach
  LEFT JOIN spread
    ON ARRAY[reach._sn__key1] = ARRAY[spread._sn__key1]
    AND ARRAY[reach._sn__place] = ARRAY[spread._sn__place]
  OFFSET 0
), model AS (
  SELECT
    *,
    CASE
      WHEN CAST(_sn_amount__mad AS DOUBLE PRECISION) / NULLIF(CAST(0.6744897501960817e0 AS DOUBLE PRECISION), 0.0e0) > 1e-150
      THEN CAST(_sn_amount__mad AS DOUBLE PRECISION) / NULLIF(CAST(0.6744897501960817e0 AS DOUBLE PRECISION), 0.0e0)
      ELSE CAST(0.0e0 AS DOUBLE PRECISION)
    END AS _sn_amount__scale
  FROM earlier
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
