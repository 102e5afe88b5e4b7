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
    CASE WHEN NOT day IS NULL THEN 1 ELSE 0 END AS _sn__fitted,
    DATE_DIFF('DAY', CAST('1970-01-01' AS DATE), day) * 86400e0 AS _sn__at
  FROM orders
), placed AS (
  SELECT
    *,
    CASE
      WHEN NOT _sn__order1 IS NULL
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
    CAST(FLOOR(CAST(_sn__at AS DOUBLE) / NULLIF(604800.0e0, 0.0e0)) AS BIGINT) + (
      -1
    ) AS _sn__stretch
  FROM placed
  WHERE
    NOT _sn__place IS NULL
  UNION ALL
  SELECT
    _sn__key1,
    _sn__place,
    _sn__at,
    CAST(FLOOR(CAST(_sn__at AS DOUBLE) / NULLIF(604800.0e0, 0.0e0)) AS BIGINT) + 0 AS _sn__stretch
  FROM placed
  WHERE
    NOT _sn__place IS NULL
  UNION ALL
  SELECT
    _sn__key1,
    _sn__place,
    _sn__at,
    CAST(FLOOR(CAST(_sn__at AS DOUBLE) / NULLIF(604800.0e0, 0.0e0)) AS BIGINT) + 1 AS _sn__stretch
  FROM placed
  WHERE
    NOT _sn__place IS NULL
), frame1 AS (
  SELECT
    places._sn__key1,
    places._sn__place,
    placed._sn_amount,
    placed._sn__fitted
  FROM places
  INNER JOIN placed
    ON placed._sn__key1 IS NOT DISTINCT FROM places._sn__key1
    AND CAST(FLOOR(CAST(placed._sn__at AS DOUBLE) / NULLIF(604800.0e0, 0.0e0)) AS BIGINT) = places._sn__stretch
  WHERE
    placed._sn__place <> places._sn__place
    AND placed._sn__at >= places._sn__at + (
      -604800.0e0
    )
    AND placed._sn__at <= places._sn__at + 0.0e0
), quartiles AS (
  SELECT
    _sn__key1,
    _sn__place,
    COUNT(_sn_amount) AS _sn_amount__n,
    ELEMENT_AT(
      TRANSFORM(
        ARRAY[ARRAY_AGG(_sn_amount ORDER BY _sn_amount) FILTER(WHERE
          NOT _sn_amount IS NULL)],
        _sn__v -> ELEMENT_AT(_sn__v, CAST(FLOOR((
          CARDINALITY(_sn__v) - 1
        ) * 0.25e0) AS BIGINT) + 1) + (
          COALESCE(
            ELEMENT_AT(_sn__v, CAST(FLOOR((
              CARDINALITY(_sn__v) - 1
            ) * 0.25e0) AS BIGINT) + 2),
            ELEMENT_AT(_sn__v, CAST(FLOOR((
              CARDINALITY(_sn__v) - 1
            ) * 0.25e0) AS BIGINT) + 1)
          ) - ELEMENT_AT(_sn__v, CAST(FLOOR((
            CARDINALITY(_sn__v) - 1
          ) * 0.25e0) AS BIGINT) + 1)
        ) * (
          (
            CARDINALITY(_sn__v) - 1
          ) * 0.25e0 - FLOOR((
            CARDINALITY(_sn__v) - 1
          ) * 0.25e0)
        )
      ),
      1
    ) AS _sn_amount__q1,
    ELEMENT_AT(
      TRANSFORM(
        ARRAY[ARRAY_AGG(_sn_amount ORDER BY _sn_amount) FILTER(WHERE
          NOT _sn_amount IS NULL)],
        _sn__v -> ELEMENT_AT(_sn__v, CAST(FLOOR((
          CARDINALITY(_sn__v) - 1
        ) * 0.75e0) AS BIGINT) + 1) + (
          COALESCE(
            ELEMENT_AT(_sn__v, CAST(FLOOR((
              CARDINALITY(_sn__v) - 1
            ) * 0.75e0) AS BIGINT) + 2),
            ELEMENT_AT(_sn__v, CAST(FLOOR((
              CARDINALITY(_sn__v) - 1
            ) * 0.75e0) AS BIGINT) + 1)
          ) - ELEMENT_AT(_sn__v, CAST(FLOOR((
            CARDINALITY(_sn__v) - 1
          ) * 0.75e0) AS BIGINT) + 1)
        ) * (
          (
            CARDINALITY(_sn__v) - 1
          ) * 0.75e0 - FLOOR((
            CARDINALITY(_sn__v) - 1
          ) * 0.75e0)
        )
      ),
      1
    ) AS _sn_amount__q3
  FROM frame1
  WHERE
    _sn__fitted = 1
  GROUP BY
    _sn__key1,
    _sn__place
), earlier AS (
  SELECT
    placed.*,
    quartiles._sn_amount__n,
    quartiles._sn_amount__q1,
    quartiles._sn_amount__q3
  FROM placed
  LEFT JOIN quartiles
    ON placed._sn__key1 IS NOT DISTINCT FROM quartiles._sn__key1
    AND placed._sn__place IS NOT DISTINCT FROM quartiles._sn__place
), model AS (
  SELECT
    *,
    CASE
      WHEN _sn_amount__q3 - _sn_amount__q1 > 1e-150
      THEN _sn_amount__q3 - _sn_amount__q1
      ELSE 0.0e0
    END AS _sn_amount__scale,
    _sn_amount__q1 + (
      0.5e0 * (
        _sn_amount__q3 - _sn_amount__q1
      )
    ) AS _sn_amount__centre
  FROM earlier
), terms AS (
  SELECT
    *,
    CASE
      WHEN _sn_amount__n >= 4
      THEN CASE
        WHEN _sn_amount__scale > 0.0e0
        AND GREATEST(_sn_amount - _sn_amount__q3, _sn_amount__q1 - _sn_amount) > 0.0e0
        THEN CAST(GREATEST(_sn_amount - _sn_amount__q3, _sn_amount__q1 - _sn_amount) AS DOUBLE) / NULLIF(_sn_amount__scale, 0.0e0)
        WHEN _sn_amount__scale > 0.0e0
        AND GREATEST(_sn_amount - _sn_amount__q3, _sn_amount__q1 - _sn_amount) <= 0.0e0
        THEN 0.0e0
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
