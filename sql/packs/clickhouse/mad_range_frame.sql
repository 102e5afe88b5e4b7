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
    CASE WHEN NOT (
      day IS NULL
    ) THEN 1 ELSE 0 END AS _sn__fitted,
    CAST(day AS Nullable(Int32)) * 86400e0 AS _sn__at
  FROM orders
), placed AS (
  SELECT
    *,
    CASE
      WHEN NOT (
        _sn__order1 IS NULL
      )
      THEN ROW_NUMBER() OVER (
        PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
        ORDER BY _sn__order1 ASC, CASE WHEN _sn_amount IS NULL THEN 1 ELSE 0 END, COALESCE(_sn_amount, 0.0e0), _sn__fitted DESC
      )
    END AS _sn__place
  FROM source
), places AS (
  SELECT
    _sn__key1,
    _sn__place,
    _sn__at,
    CAST(FLOOR(_sn__at / NULLIF(604800.0e0, 0.0e0)) AS Nullable(Int64)) + (
      -1
    ) AS _sn__stretch
  FROM placed
  WHERE
    NOT (
      _sn__place IS NULL
    )
  UNION ALL
  SELECT
    _sn__key1,
    _sn__place,
    _sn__at,
    CAST(FLOOR(_sn__at / NULLIF(604800.0e0, 0.0e0)) AS Nullable(Int64)) + 0 AS _sn__stretch
  FROM placed
  WHERE
    NOT (
      _sn__place IS NULL
    )
  UNION ALL
  SELECT
    _sn__key1,
    _sn__place,
    _sn__at,
    CAST(FLOOR(_sn__at / NULLIF(604800.0e0, 0.0e0)) AS Nullable(Int64)) + 1 AS _sn__stretch
  FROM placed
  WHERE
    NOT (
      _sn__place IS NULL
    )
), frame1 AS (
  SELECT
    places._sn__key1,
    places._sn__place,
    placed._sn_amount,
    placed._sn__fitted
  FROM places
  INNER JOIN placed
    ON placed._sn__key1 IS NOT DISTINCT FROM places._sn__key1
    AND CAST(FLOOR(placed._sn__at / NULLIF(604800.0e0, 0.0e0)) AS Nullable(Int64)) = places._sn__stretch
  WHERE
    placed._sn__place <> places._sn__place
    AND placed._sn__at >= places._sn__at + (
      -604800.0e0
    )
    AND placed._sn__at <= places._sn__at + 0.0e0
), frame2 AS (
  SELECT
    places._sn__key1,
    places._sn__place,
    placed._sn_amount,
    placed._sn__fitted
  FROM places
  INNER JOIN placed
    ON placed._sn__key1 IS NOT DISTINCT FROM places._sn__key1
    AND CAST(FLOOR(placed._sn__at / NULLIF(604800.0e0, 0.0e0)) AS Nullable(Int64)) = places._sn__stretch
  WHERE
    placed._sn__place <> places._sn__place
    AND placed._sn__at >= places._sn__at + (
      -604800.0e0
    )
    AND placed._sn__at <= places._sn__at + 0.0e0
), centre AS (
  SELECT
    _sn__key1,
    _sn__place,
    CAST(COUNT(_sn_amount) AS Nullable(Int64)) AS _sn_amount__n,
    quantileExactInclusive(0.5e0)(_sn_amount) AS _sn_amount__centre
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
    quantileExactInclusive(0.5e0)(ABS(frame1._sn_amount - centre._sn_amount__centre)) AS _sn_amount__mad
  FROM frame1
  LEFT JOIN centre
    ON frame1._sn__key1 IS NOT DISTINCT FROM centre._sn__key1
    AND frame1._sn__place IS NOT DISTINCT FROM centre._sn__place
  WHERE
    frame1._sn__fitted = 1
  GROUP BY
    frame1._sn__key1,
    frame1._sn__place
), earlier AS (
  SELECT
    placed.*,
    spread._sn_amount__n,
    spread._sn_amount__centre,
    spread._sn_amount__mad
  FROM placed
  LEFT JOIN spread
    ON placed._sn__key1 IS NOT DISTINCT FROM spread._sn__key1
    AND placed._sn__place IS NOT DISTINCT FROM spread._sn__place
), model AS (
  SELECT
    *,
    CASE
      WHEN _sn_amount__mad / NULLIF(0.6744897501960817e0, 0.0e0) > 1e-150
      THEN _sn_amount__mad / NULLIF(0.6744897501960817e0, 0.0e0)
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
        THEN ABS(_sn_amount - _sn_amount__centre) / NULLIF(_sn_amount__scale, 0.0e0)
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
SETTINGS query_plan_merge_expressions = 0
