-- SELECT id, anomaly_score(amount, items, detector => 'iqr')
--              FILTER (WHERE NOT disputed) OVER (PARTITION BY store) AS score
-- FROM orders
/* sqlnomaly 0.1.0: iqr(amount, items); direction = both, min_rows = 4 */
WITH source AS (
  SELECT
    id AS id,
    CASE WHEN ABS(amount) <= 1e+150 THEN amount END AS _sn_amount,
    CAST(items AS FLOAT) AS _sn_items,
    store AS _sn__key1,
    CASE WHEN NOT disputed = 1 THEN 1 ELSE 0 END AS _sn__fitted
  FROM orders
), quartiles_quantiles AS (
  SELECT
    *,
    PERCENTILE_CONT(0.25e0) WITHIN GROUP (ORDER BY
      CASE WHEN _sn__fitted = 1 THEN _sn_amount END) OVER (PARTITION BY _sn__key1) AS _sn_amount__q1_each,
    PERCENTILE_CONT(0.75e0) WITHIN GROUP (ORDER BY
      CASE WHEN _sn__fitted = 1 THEN _sn_amount END) OVER (PARTITION BY _sn__key1) AS _sn_amount__q3_each,
    PERCENTILE_CONT(0.25e0) WITHIN GROUP (ORDER BY
      CASE WHEN _sn__fitted = 1 THEN _sn_items END) OVER (PARTITION BY _sn__key1) AS _sn_items__q1_each,
    PERCENTILE_CONT(0.75e0) WITHIN GROUP (ORDER BY
      CASE WHEN _sn__fitted = 1 THEN _sn_items END) OVER (PARTITION BY _sn__key1) AS _sn_items__q3_each
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
  WHERE
    _sn__fitted = 1
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
    END AS _sn_items__term
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
)
SELECT
  id,
  _sn__score AS score
FROM scored
