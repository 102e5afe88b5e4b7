-- SELECT id, anomaly_probability(amount, items, detector => 'iqr') OVER (PARTITION BY store) AS probability,
--        anomaly_explanation(amount, items, detector => 'iqr') OVER (PARTITION BY store) AS explanation
-- FROM orders
/* sqlnomaly 0.1.0: iqr(amount, items); direction = both, min_rows = 4 */
WITH source AS (
  SELECT
    id,
    CASE WHEN ABS(amount) <= 1e+150 THEN amount END AS _sn_amount,
    CAST(items AS DOUBLE PRECISION) AS _sn_items,
    store AS _sn__key1
  FROM orders
), quartiles AS (
  SELECT
    _sn__key1,
    COUNT(_sn_amount) AS _sn_amount__n,
    PERCENTILE_CONT(0.25e0) WITHIN GROUP (ORDER BY
      _sn_amount) AS _sn_amount__q1,
    PERCENTILE_CONT(0.75e0) WITHIN GROUP (ORDER BY
      _sn_amount) AS _sn_amount__q3,
    COUNT(_sn_items) AS _sn_items__n,
    PERCENTILE_CONT(0.25e0) WITHIN GROUP (ORDER BY
      _sn_items) AS _sn_items__q1,
    PERCENTILE_CONT(0.75e0) WITHIN GROUP (ORDER BY
      _sn_items) AS _sn_items__q3
  FROM source
  GROUP BY
    _sn__key1
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
    ) AS _sn_amount__centre,
    CASE
      WHEN _sn_items__q3 - _sn_items__q1 > 1e-150
      THEN _sn_items__q3 - _sn_items__q1
      ELSE CAST(0.0e0 AS DOUBLE PRECISION)
    END AS _sn_items__scale,
    _sn_items__q1 + (
      CAST(0.5e0 AS DOUBLE PRECISION) * (
        _sn_items__q3 - _sn_items__q1
      )
    ) AS _sn_items__centre
  FROM quartiles
  OFFSET 0
), terms AS (
  SELECT
    source.*,
    CASE
      WHEN model._sn_amount__n >= 4
      THEN CASE
        WHEN model._sn_amount__scale > 0.0e0
        AND GREATEST(source._sn_amount - model._sn_amount__q3, model._sn_amount__q1 - source._sn_amount) > 0.0e0
        THEN CAST(GREATEST(source._sn_amount - model._sn_amount__q3, model._sn_amount__q1 - source._sn_amount) AS DOUBLE PRECISION) / NULLIF(model._sn_amount__scale, 0.0e0)
        WHEN model._sn_amount__scale > 0.0e0
        AND GREATEST(source._sn_amount - model._sn_amount__q3, model._sn_amount__q1 - source._sn_amount) <= 0.0e0
        THEN CAST(0.0e0 AS DOUBLE PRECISION)
        WHEN source._sn_amount = model._sn_amount__centre
        THEN CAST(0.0e0 AS DOUBLE PRECISION)
      END
    END AS _sn_amount__term,
    CASE
      WHEN model._sn_items__n >= 4
      THEN CASE
        WHEN model._sn_items__scale > 0.0e0
        AND GREATEST(source._sn_items - model._sn_items__q3, model._sn_items__q1 - source._sn_items) > 0.0e0
        THEN CAST(GREATEST(source._sn_items - model._sn_items__q3, model._sn_items__q1 - source._sn_items) AS DOUBLE PRECISION) / NULLIF(model._sn_items__scale, 0.0e0)
        WHEN model._sn_items__scale > 0.0e0
        AND GREATEST(source._sn_items - model._sn_items__q3, model._sn_items__q1 - source._sn_items) <= 0.0e0
        THEN CAST(0.0e0 AS DOUBLE PRECISION)
        WHEN source._sn_items = model._sn_items__centre
        THEN CAST(0.0e0 AS DOUBLE PRECISION)
      END
    END AS _sn_items__term,
    model._sn_amount__centre AS _sn_amount__expected,
    model._sn_items__centre AS _sn_items__expected
  FROM source
  LEFT JOIN model
    ON ARRAY[source._sn__key1] = ARRAY[model._sn__key1]
  OFFSET 0
), scored AS (
  SELECT
    *,
    CASE
      WHEN NOT _sn_amount__term IS NULL AND NOT _sn_items__term IS NULL
      THEN GREATEST(_sn_amount__term, _sn_items__term)
    END AS _sn__score
  FROM terms
  OFFSET 0
), ranked AS (
  SELECT
    *,
    COUNT(_sn__score) OVER (PARTITION BY _sn__key1) AS _sn__scores,
    COUNT(_sn__score) OVER (
      PARTITION BY _sn__key1
      ORDER BY CASE WHEN _sn__score IS NULL THEN 1 ELSE 0 END, COALESCE(_sn__score, CAST(0.0e0 AS DOUBLE PRECISION)) DESC
    ) AS _sn__not_below
  FROM scored
  OFFSET 0
), reasons AS (
  SELECT
    *,
    CASE
      WHEN _sn__score IS NULL
      THEN NULL
      WHEN _sn_amount__term >= _sn__score - (
        CAST(1e-09 AS DOUBLE PRECISION) * GREATEST(CAST(1.0e0 AS DOUBLE PRECISION), ABS(_sn__score))
      )
      THEN 1
      WHEN _sn_items__term >= _sn__score - (
        CAST(1e-09 AS DOUBLE PRECISION) * GREATEST(CAST(1.0e0 AS DOUBLE PRECISION), ABS(_sn__score))
      )
      THEN 2
    END AS _sn__first1
  FROM ranked
  OFFSET 0
), items_2 AS (
  SELECT
    *,
    '{"feature": "amount", "value": ' || COALESCE(CAST(_sn_amount AS TEXT), 'null') || ', "expected": ' || COALESCE(CAST(_sn_amount__expected AS TEXT), 'null') || ', "contribution": ' || COALESCE(CAST(_sn_amount__term AS TEXT), 'null') || '}' AS _sn_amount__item1,
    CASE
      WHEN _sn__first1 = 1
      THEN CAST(1e+300 AS DOUBLE PRECISION)
      ELSE COALESCE(_sn_amount__term, -CAST(1e+300 AS DOUBLE PRECISION))
    END AS _sn_amount__key1,
    '{"feature": "items", "value": ' || COALESCE(CAST(_sn_items AS TEXT), 'null') || ', "expected": ' || COALESCE(CAST(_sn_items__expected AS TEXT), 'null') || ', "contribution": ' || COALESCE(CAST(_sn_items__term AS TEXT), 'null') || '}' AS _sn_items__item1,
    CASE
      WHEN _sn__first1 = 2
      THEN CAST(1e+300 AS DOUBLE PRECISION)
      ELSE COALESCE(_sn_items__term, -CAST(1e+300 AS DOUBLE PRECISION))
    END AS _sn_items__key1
  FROM reasons
  OFFSET 0
), places AS (
  SELECT
    *,
    1 + CASE WHEN _sn_items__key1 > _sn_amount__key1 THEN 1 ELSE 0 END AS _sn_amount__place1,
    1 + CASE WHEN _sn_amount__key1 >= _sn_items__key1 THEN 1 ELSE 0 END AS _sn_items__place1
  FROM items_2
  OFFSET 0
)
SELECT
  id,
  CASE
    WHEN NOT _sn__score IS NULL
    THEN CAST(1.0e0 AS DOUBLE PRECISION) - (
      CAST(_sn__not_below AS DOUBLE PRECISION) / NULLIF(CAST(_sn__scores AS DOUBLE PRECISION), 0.0e0)
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
FROM places
