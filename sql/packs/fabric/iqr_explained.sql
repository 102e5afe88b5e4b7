-- SELECT id, anomaly_probability(amount, items, detector => 'iqr') OVER (PARTITION BY store) AS probability,
--        anomaly_explanation(amount, items, detector => 'iqr') OVER (PARTITION BY store) AS explanation
-- FROM orders
/* sqlnomaly 0.1.0: iqr(amount, items); direction = both, min_rows = 4 */
WITH source AS (
  SELECT
    id AS id,
    CASE WHEN ABS(amount) <= 1e+150 THEN amount END AS _sn_amount,
    CAST(items AS FLOAT) AS _sn_items,
    store AS _sn__key1
  FROM orders
), quartiles_quantiles AS (
  SELECT
    *,
    PERCENTILE_CONT(0.25e0) WITHIN GROUP (ORDER BY
      _sn_amount) OVER (PARTITION BY _sn__key1) AS _sn_amount__q1_each,
    PERCENTILE_CONT(0.75e0) WITHIN GROUP (ORDER BY
      _sn_amount) OVER (PARTITION BY _sn__key1) AS _sn_amount__q3_each,
    PERCENTILE_CONT(0.25e0) WITHIN GROUP (ORDER BY
      _sn_items) OVER (PARTITION BY _sn__key1) AS _sn_items__q1_each,
    PERCENTILE_CONT(0.75e0) WITHIN GROUP (ORDER BY
      _sn_items) OVER (PARTITION BY _sn__key1) AS _sn_items__q3_each
  FROM source
), quartiles AS (
  SELECT
    _sn__key1 AS _sn__key1,
    COUNT_BIG(_sn_amount) AS _sn_amount__n,
    MIN(_sn_amount__q1_each) AS _sn_amount__q1,
    MIN(_sn_amount__q3_each) AS _sn_amount__q3,
    COUNT_BIG(_sn_items) AS _sn_items__n,
    MIN(_sn_items__q1_each) AS _sn_items__q1,
    MIN(_sn_items__q3_each) AS _sn_items__q3
  FROM quartiles_quantiles
  GROUP BY
    _sn__key1
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
    ) AS _sn_amount__centre,
    CASE
      WHEN _sn_items__q3 - _sn_items__q1 > 1e-150
      THEN _sn_items__q3 - _sn_items__q1
      ELSE 0.0e0
    END AS _sn_items__scale,
    _sn_items__q1 + (
      0.5e0 * (
        _sn_items__q3 - _sn_items__q1
      )
    ) AS _sn_items__centre
  FROM quartiles
), terms AS (
  SELECT
    source.*,
    CASE
      WHEN model._sn_amount__n >= 4
      THEN CASE
        WHEN model._sn_amount__scale > 0.0e0
        AND CASE
          WHEN source._sn_amount - model._sn_amount__q3 >= model._sn_amount__q1 - source._sn_amount
          THEN source._sn_amount - model._sn_amount__q3
          ELSE model._sn_amount__q1 - source._sn_amount
        END > 0.0e0
        THEN CAST(CASE
          WHEN source._sn_amount - model._sn_amount__q3 >= model._sn_amount__q1 - source._sn_amount
          THEN source._sn_amount - model._sn_amount__q3
          ELSE model._sn_amount__q1 - source._sn_amount
        END AS FLOAT) / NULLIF(model._sn_amount__scale, 0.0e0)
        WHEN model._sn_amount__scale > 0.0e0
        AND CASE
          WHEN source._sn_amount - model._sn_amount__q3 >= model._sn_amount__q1 - source._sn_amount
          THEN source._sn_amount - model._sn_amount__q3
          ELSE model._sn_amount__q1 - source._sn_amount
        END <= 0.0e0
        THEN 0.0e0
        WHEN source._sn_amount = model._sn_amount__centre
        THEN 0.0e0
      END
    END AS _sn_amount__term,
    CASE
      WHEN model._sn_items__n >= 4
      THEN CASE
        WHEN model._sn_items__scale > 0.0e0
        AND CASE
          WHEN source._sn_items - model._sn_items__q3 >= model._sn_items__q1 - source._sn_items
          THEN source._sn_items - model._sn_items__q3
          ELSE model._sn_items__q1 - source._sn_items
        END > 0.0e0
        THEN CAST(CASE
          WHEN source._sn_items - model._sn_items__q3 >= model._sn_items__q1 - source._sn_items
          THEN source._sn_items - model._sn_items__q3
          ELSE model._sn_items__q1 - source._sn_items
        END AS FLOAT) / NULLIF(model._sn_items__scale, 0.0e0)
        WHEN model._sn_items__scale > 0.0e0
        AND CASE
          WHEN source._sn_items - model._sn_items__q3 >= model._sn_items__q1 - source._sn_items
          THEN source._sn_items - model._sn_items__q3
          ELSE model._sn_items__q1 - source._sn_items
        END <= 0.0e0
        THEN 0.0e0
        WHEN source._sn_items = model._sn_items__centre
        THEN 0.0e0
      END
    END AS _sn_items__term,
    model._sn_amount__centre AS _sn_amount__expected,
    model._sn_items__centre AS _sn_items__expected
  FROM source
  LEFT JOIN model
    ON (
      source._sn__key1 = model._sn__key1
      OR (
        source._sn__key1 IS NULL AND model._sn__key1 IS NULL
      )
    )
), scored AS (
  SELECT
    *,
    CASE
      WHEN NOT _sn_amount__term IS NULL AND NOT _sn_items__term IS NULL
      THEN CASE
        WHEN _sn_amount__term >= _sn_items__term
        THEN _sn_amount__term
        ELSE _sn_items__term
      END
    END AS _sn__score
  FROM terms
), ranked AS (
  SELECT
    *,
    COUNT_BIG(_sn__score) OVER (PARTITION BY _sn__key1) AS _sn__scores,
    COUNT_BIG(_sn__score) OVER (
      PARTITION BY _sn__key1
      ORDER BY CASE WHEN _sn__score IS NULL THEN 1 ELSE 0 END, COALESCE(_sn__score, 0.0e0) DESC
    ) AS _sn__not_below
  FROM scored
), reasons AS (
  SELECT
    *,
    CASE
      WHEN _sn__score IS NULL
      THEN NULL
      WHEN _sn_amount__term >= _sn__score - (
        1e-09 * CASE WHEN 1.0e0 >= ABS(_sn__score) THEN 1.0e0 ELSE ABS(_sn__score) END
      )
      THEN 1
      WHEN _sn_items__term >= _sn__score - (
        1e-09 * CASE WHEN 1.0e0 >= ABS(_sn__score) THEN 1.0e0 ELSE ABS(_sn__score) END
      )
      THEN 2
    END AS _sn__first1
  FROM ranked
), items_2 AS (
  SELECT
    *,
    '{"feature": "amount", "value": ' + COALESCE(CAST(FORMAT(_sn_amount, 'G17', 'en-US') AS VARCHAR(MAX)), 'null') + ', "expected": ' + COALESCE(CAST(FORMAT(_sn_amount__expected, 'G17', 'en-US') AS VARCHAR(MAX)), 'null') + ', "contribution": ' + COALESCE(CAST(FORMAT(_sn_amount__term, 'G17', 'en-US') AS VARCHAR(MAX)), 'null') + '}' AS _sn_amount__item1,
    CASE WHEN _sn__first1 = 1 THEN 1e+300 ELSE COALESCE(_sn_amount__term, -1e+300) END AS _sn_amount__key1,
    '{"feature": "items", "value": ' + COALESCE(CAST(FORMAT(_sn_items, 'G17', 'en-US') AS VARCHAR(MAX)), 'null') + ', "expected": ' + COALESCE(CAST(FORMAT(_sn_items__expected, 'G17', 'en-US') AS VARCHAR(MAX)), 'null') + ', "contribution": ' + COALESCE(CAST(FORMAT(_sn_items__term, 'G17', 'en-US') AS VARCHAR(MAX)), 'null') + '}' AS _sn_items__item1,
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
      CAST(_sn__not_below AS FLOAT) / NULLIF(CAST(_sn__scores AS FLOAT), 0.0e0)
    )
  END AS probability,
  CASE
    WHEN NOT _sn__first1 IS NULL
    THEN '[' + CASE
      WHEN _sn_amount__place1 = 1
      THEN _sn_amount__item1
      WHEN _sn_items__place1 = 1
      THEN _sn_items__item1
    END + ', ' + CASE
      WHEN _sn_amount__place1 = 2
      THEN _sn_amount__item1
      WHEN _sn_items__place1 = 2
      THEN _sn_items__item1
    END + ']'
  END AS explanation
FROM places
