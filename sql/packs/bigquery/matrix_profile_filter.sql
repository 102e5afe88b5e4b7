-- SELECT id, anomaly_score(amount, items, detector => 'matrix_profile', window => 2, causal => FALSE, min_rows => 10)
--              FILTER (WHERE NOT disputed) OVER (PARTITION BY store ORDER BY day) AS score
-- FROM orders
-- step 1 of 2: fit matrix_profile on the client, on the rows of this query
-- it makes relation _sn_model (_sn__key1, _sn_amount__place, _sn_amount__n, _sn_amount__centre, _sn_amount__scale, _sn_amount__odd, _sn_items__n, _sn_items__centre, _sn_items__scale, _sn_items__odd)
WITH source AS (
  SELECT
    id,
    CASE WHEN ABS(amount) <= 1e+150 THEN amount END AS _sn_amount,
    CAST(items AS FLOAT64) AS _sn_items,
    store AS _sn__key1,
    UNIX_DATE(day) * 86400e0 AS _sn__time,
    day AS _sn__order1,
    CASE WHEN NOT disputed AND NOT day IS NULL THEN 1 ELSE 0 END AS _sn__fitted
  FROM orders
), placed AS (
  SELECT
    *,
    CASE
      WHEN NOT _sn__order1 IS NULL
      THEN CAST(DENSE_RANK() OVER (
        PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
        ORDER BY _sn__order1 ASC
      ) AS FLOAT64)
    END AS _sn_amount__place
  FROM source
), points AS (
  SELECT
    _sn__key1,
    _sn_amount__place,
    MIN(_sn__time) AS _sn_amount__time,
    CASE
      WHEN MIN(CASE WHEN _sn__fitted = 1 THEN _sn_amount END) = MAX(CASE WHEN _sn__fitted = 1 THEN _sn_amount END)
      THEN MIN(CASE WHEN _sn__fitted = 1 THEN _sn_amount END)
      ELSE AVG(CASE WHEN _sn__fitted = 1 THEN _sn_amount END)
    END AS _sn_amount__x,
    CASE
      WHEN MIN(CASE WHEN _sn__fitted = 1 THEN _sn_items END) = MAX(CASE WHEN _sn__fitted = 1 THEN _sn_items END)
      THEN MIN(CASE WHEN _sn__fitted = 1 THEN _sn_items END)
      ELSE AVG(CASE WHEN _sn__fitted = 1 THEN _sn_items END)
    END AS _sn_items__x
  FROM placed
  GROUP BY
    _sn__key1,
    _sn_amount__place
)
SELECT
  *
FROM points;

-- step 2 of 2: sql
/* sqlnomaly 0.1.0: matrix_profile(amount, items); window = 2, causal = False, floor = 0.0, min_rows = 10 */
WITH source AS (
  SELECT
    id,
    CASE WHEN ABS(amount) <= 1e+150 THEN amount END AS _sn_amount,
    CAST(items AS FLOAT64) AS _sn_items,
    store AS _sn__key1,
    UNIX_DATE(day) * 86400e0 AS _sn__time,
    day AS _sn__order1,
    CASE WHEN NOT disputed AND NOT day IS NULL THEN 1 ELSE 0 END AS _sn__fitted
  FROM orders
), placed_2 AS (
  SELECT
    *,
    CASE
      WHEN NOT _sn__order1 IS NULL
      THEN CAST(DENSE_RANK() OVER (
        PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
        ORDER BY _sn__order1 ASC
      ) AS FLOAT64)
    END AS _sn_amount__place
  FROM source
), beside AS (
  SELECT
    placed_2.*,
    _sn_model._sn_amount__n,
    _sn_model._sn_amount__centre,
    _sn_model._sn_amount__scale,
    _sn_model._sn_amount__odd,
    _sn_model._sn_items__n,
    _sn_model._sn_items__centre,
    _sn_model._sn_items__scale,
    _sn_model._sn_items__odd
  FROM placed_2
  LEFT JOIN _sn_model
    ON placed_2._sn__key1 IS NOT DISTINCT FROM _sn_model._sn__key1
    AND placed_2._sn_amount__place IS NOT DISTINCT FROM _sn_model._sn_amount__place
), terms AS (
  SELECT
    *,
    CASE
      WHEN _sn_amount__n >= 10
      THEN CASE
        WHEN _sn_amount__scale > 0.0e0 AND NOT _sn_amount IS NULL
        THEN _sn_amount__odd
        WHEN _sn_amount = _sn_amount__centre
        THEN 0.0e0
      END
    END AS _sn_amount__term,
    CASE
      WHEN _sn_items__n >= 10
      THEN CASE
        WHEN _sn_items__scale > 0.0e0 AND NOT _sn_items IS NULL
        THEN _sn_items__odd
        WHEN _sn_items = _sn_items__centre
        THEN 0.0e0
      END
    END AS _sn_items__term
  FROM beside
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
FROM scored;
