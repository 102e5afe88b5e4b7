-- SELECT id, anomaly_probability(amount, items, detector => 'iforest', n_estimators => 50) OVER (PARTITION BY store) AS probability,
--        anomaly_explanation(amount, items, detector => 'iforest', n_estimators => 50) OVER (PARTITION BY store) AS explanation
-- FROM orders
-- step 1 of 2: fit iforest on the client, on the rows of this query
-- it makes relation _sn_model (_sn__key1, _sn__which, _sn_amount__n, _sn_amount__scale, _sn_items__n, _sn_items__scale), function _sn_score(..), function _sn_terms(..)
WITH source AS (
  SELECT
    id,
    CASE WHEN ABS(amount) <= 1e+150 THEN amount END AS _sn_amount,
    CAST(items AS DOUBLE) AS _sn_items,
    store AS _sn__key1
  FROM orders
)
SELECT
  drawn.*,
  counted._sn__rows,
  counted._sn__part
FROM (
  SELECT
    *
  FROM (
    SELECT
      _sn__key1,
      _sn_amount,
      _sn_items,
      ROW_NUMBER() OVER (
        PARTITION BY _sn__key1
        ORDER BY MD5(
          '0|' || CAST(CAST(copy_number AS BIGINT) AS STRING) || '|' || CASE
            WHEN digits_1 IS NULL
            THEN 'n'
            ELSE CAST(CAST(digits_1 AS BIGINT) AS STRING) || ':' || CAST(CAST(exponent_1 AS BIGINT) AS STRING)
          END
        )
      ) AS _sn__place
    FROM (
      SELECT
        _sn__key1,
        _sn_amount,
        _sn_items,
        guess_1,
        fraction_1,
        digits_1,
        exponent_1,
        ROW_NUMBER() OVER (PARTITION BY _sn__key1, digits_1, exponent_1 ORDER BY _sn_amount, _sn_items) AS copy_number
      FROM (
        SELECT
          _sn__key1,
          _sn_amount,
          _sn_items,
          guess_1,
          fraction_1,
          CAST(CASE
            WHEN _sn_amount = 0.0e0
            THEN 0.0e0
            ELSE SIGN(_sn_amount) * FLOOR(
              fraction_1 * CASE WHEN fraction_1 < 1.0e0 THEN 2199023255552.0e0 ELSE 1099511627776.0e0 END
            )
          END AS BIGINT) AS digits_1,
          CAST(CASE
            WHEN _sn_amount = 0.0e0
            THEN 0.0e0
            WHEN fraction_1 < 1.0e0
            THEN guess_1 - 1.0e0
            ELSE guess_1
          END AS BIGINT) AS exponent_1
        FROM (
          SELECT
            _sn__key1,
            _sn_amount,
            _sn_items,
            guess_1,
            (
              ABS(_sn_amount) * POWER(2.0e0, -FLOOR(guess_1 * 0.5e0))
            ) * POWER(2.0e0, FLOOR(guess_1 * 0.5e0) - guess_1) AS fraction_1
          FROM (
            SELECT
              _sn__key1,
              _sn_amount,
              _sn_items,
              FLOOR(
                (
                  LN(CASE WHEN ABS(_sn_amount) > 0.0e0 THEN ABS(_sn_amount) END) * 1.4426950408889634e0
                ) + 0.5e0
              ) AS guess_1
            FROM (
              SELECT
                _sn__key1,
                _sn_amount,
                _sn_items
              FROM source
              WHERE
                NOT _sn_amount IS NULL AND NOT _sn_items IS NULL
            ) AS source
          ) AS stage_1
        ) AS stage_2
      ) AS stage_3
    ) AS stage_4
  ) AS stage_5
  WHERE
    _sn__place <= 12800
) AS drawn
INNER JOIN (
  SELECT
    *,
    ROW_NUMBER() OVER (ORDER BY _sn__rows) AS _sn__part
  FROM (
    SELECT
      _sn__key1,
      COUNT(1) AS _sn__rows
    FROM (
      SELECT
        _sn__key1,
        _sn_amount,
        _sn_items
      FROM source
      WHERE
        NOT _sn_amount IS NULL AND NOT _sn_items IS NULL
    ) AS complete
    GROUP BY
      _sn__key1
  ) AS partitions
) AS counted
  ON drawn._sn__key1 IS NOT DISTINCT FROM counted._sn__key1;

-- step 2 of 2: sql
/* sqlnomaly 0.1.0: iforest(amount, items); random_state = 0, n_estimators = 50, max_samples = 256, min_rows = 3 */
WITH source AS (
  SELECT
    id,
    CASE WHEN ABS(amount) <= 1e+150 THEN amount END AS _sn_amount,
    CAST(items AS DOUBLE) AS _sn_items,
    store AS _sn__key1
  FROM orders
), registered AS (
  SELECT
    source.*,
    _sn_model._sn_amount__n,
    _sn_model._sn_amount__scale,
    _sn_model._sn_items__n,
    _sn_model._sn_items__scale,
    _SN_SCORE(_sn_model._sn__which, source._sn_amount, source._sn_items) AS _sn_amount__registered_score,
    _SN_TERMS(_sn_model._sn__which, source._sn_amount, source._sn_items) AS _sn_amount__registered_terms
  FROM source
  LEFT JOIN _sn_model
    ON source._sn__key1 IS NOT DISTINCT FROM _sn_model._sn__key1
), scored AS (
  SELECT
    *,
    CASE WHEN _sn_amount__n >= 3 THEN _sn_amount__registered_score END AS _sn__score,
    CASE
      WHEN _sn_amount__n >= 3
      THEN TRY_ELEMENT_AT(_sn_amount__registered_terms, CAST(1 AS INT))
    END AS _sn_amount__term,
    CASE
      WHEN _sn_items__n >= 3
      THEN TRY_ELEMENT_AT(_sn_amount__registered_terms, CAST(2 AS INT))
    END AS _sn_items__term
  FROM registered
), largest AS (
  SELECT
    *,
    CASE
      WHEN NOT _sn_amount__term IS NULL AND NOT _sn_items__term IS NULL
      THEN GREATEST(_sn_amount__term, _sn_items__term)
    END AS _sn__best
  FROM scored
), ranked AS (
  SELECT
    *,
    COUNT(_sn__score) OVER (PARTITION BY _sn__key1) AS _sn__scores,
    COUNT(_sn__score) OVER (
      PARTITION BY _sn__key1
      ORDER BY CASE WHEN _sn__score IS NULL THEN 1 ELSE 0 END, COALESCE(_sn__score, 0.0e0) DESC
    ) AS _sn__not_below
  FROM largest
), reasons AS (
  SELECT
    *,
    CASE
      WHEN _sn__score IS NULL
      THEN NULL
      WHEN _sn_amount__term >= _sn__best - (
        1e-09 * GREATEST(1.0e0, ABS(_sn__best))
      )
      THEN 1
      WHEN _sn_items__term >= _sn__best - (
        1e-09 * GREATEST(1.0e0, ABS(_sn__best))
      )
      THEN 2
    END AS _sn__first1
  FROM ranked
), items_2 AS (
  SELECT
    *,
    '{"feature": "amount", "value": ' || COALESCE(CAST(_sn_amount AS STRING), 'null') || ', "expected": ' || 'null' || ', "contribution": ' || COALESCE(CAST(_sn_amount__term AS STRING), 'null') || '}' AS _sn_amount__item1,
    CASE WHEN _sn__first1 = 1 THEN 1e+300 ELSE COALESCE(_sn_amount__term, -1e+300) END AS _sn_amount__key1,
    '{"feature": "items", "value": ' || COALESCE(CAST(_sn_items AS STRING), 'null') || ', "expected": ' || 'null' || ', "contribution": ' || COALESCE(CAST(_sn_items__term AS STRING), 'null') || '}' AS _sn_items__item1,
    CASE WHEN _sn__first1 = 2 THEN 1e+300 ELSE COALESCE(_sn_items__term, -1e+300) END AS _sn_items__key1
  FROM reasons
), places AS (
  SELECT
    *,
    1 + CASE WHEN _sn_items__key1 > _sn_amount__key1 THEN 1 ELSE 0 END AS _sn_amount__place1,
    1 + CASE WHEN _sn_amount__key1 >= _sn_items__key1 THEN 1 ELSE 0 END AS _sn_items__place1
  FROM items_2
)
SELECT
  id,
  CASE
    WHEN NOT _sn__score IS NULL
    THEN 1.0e0 - (
      CAST(_sn__not_below AS DOUBLE) / NULLIF(CAST(_sn__scores AS DOUBLE), 0.0e0)
    )
  END AS probability,
  CASE
    WHEN NOT _sn__first1 IS NULL
    THEN '[' || CASE
      WHEN _sn_amount__place1 = 1
      THEN _sn_amount__item1
      WHEN _sn_items__place1 = 1
      THEN _sn_items__item1
    END || ', ' || CASE
      WHEN _sn_amount__place1 = 2
      THEN _sn_amount__item1
      WHEN _sn_items__place1 = 2
      THEN _sn_items__item1
    END || ']'
  END AS explanation
FROM places;
