-- SELECT id, store,
--        anomaly_score(amount, items, detector => 'iqr') OVER (PARTITION BY store) AS score,
--        is_anomaly(amount, items, detector => 'iqr') OVER (PARTITION BY store) AS alert,
--        anomaly_reason(amount, items, detector => 'iqr') OVER (PARTITION BY store) AS reason,
--        anomaly_status(amount, items, detector => 'iqr') OVER (PARTITION BY store) AS status
-- FROM orders
-- ORDER BY id
/* sqlnomaly 0.1.0: iqr(amount, items); direction = both, min_rows = 4 */
WITH source AS (
  SELECT
    id AS id,
    store AS store,
    CASE WHEN ABS(amount) <= 1e+150 THEN amount END AS _sn_amount,
    amount AS _sn_amount__raw,
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
    model._sn_amount__n AS _sn_amount__n,
    model._sn_amount__scale AS _sn_amount__scale,
    model._sn_items__n AS _sn_items__n,
    model._sn_items__scale AS _sn_items__scale,
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
  store,
  _sn__score AS score,
  CAST(CASE
    WHEN _sn__score > 1.5000000015e0
    THEN 1
    WHEN NOT _sn__score > 1.5000000015e0
    THEN 0
  END AS BIT) AS alert,
  CASE
    WHEN _sn__score IS NULL
    THEN NULL
    WHEN _sn_amount__term >= _sn__score - (
      1e-09 * CASE WHEN 1.0e0 >= ABS(_sn__score) THEN 1.0e0 ELSE ABS(_sn__score) END
    )
    THEN 'amount'
    WHEN _sn_items__term >= _sn__score - (
      1e-09 * CASE WHEN 1.0e0 >= ABS(_sn__score) THEN 1.0e0 ELSE ABS(_sn__score) END
    )
    THEN 'items'
  END AS reason,
  CASE
    WHEN _sn_amount__raw IS NULL OR _sn_items IS NULL
    THEN 'missing_value'
    WHEN _sn_amount IS NULL OR _sn_items IS NULL
    THEN 'out_of_range'
    WHEN COALESCE(_sn_amount__n, 0) < 4 OR COALESCE(_sn_items__n, 0) < 4
    THEN 'too_few_rows'
    WHEN _sn__score IS NULL
    OR (
      _sn_amount__scale = 0.0e0 AND _sn_items__scale = 0.0e0
    )
    THEN 'constant_baseline'
    ELSE 'ok'
  END AS status
FROM scored
ORDER BY
  CASE WHEN id IS NULL THEN 1 ELSE 0 END, id
