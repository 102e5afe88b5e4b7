-- SELECT id, anomaly_probability(amount, items, detector => 'mad') OVER (PARTITION BY store) AS probability,
--        anomaly_explanation(amount, items, detector => 'mad') OVER (PARTITION BY store) AS explanation
-- FROM orders
/* sqlnomaly 0.1.0: mad(amount, items); direction = both, min_rows = 3 */
WITH source AS (
  SELECT
    id,
    CASE WHEN ABS(amount) <= 1e+150 THEN amount END AS _sn_amount,
    CAST(items AS DOUBLE) AS _sn_items,
    store AS _sn__key1
  FROM orders
), centre AS (
  SELECT
    _sn__key1,
    COUNT(_sn_amount) AS _sn_amount__n,
    ELEMENT_AT(
      TRANSFORM(
        ARRAY[ARRAY_AGG(_sn_amount ORDER BY _sn_amount) FILTER(WHERE
          NOT _sn_amount IS NULL)],
        _sn__v -> ELEMENT_AT(_sn__v, CAST(FLOOR((
          CARDINALITY(_sn__v) - 1
        ) * 0.5e0) AS BIGINT) + 1) + (
          COALESCE(
            ELEMENT_AT(_sn__v, CAST(FLOOR((
              CARDINALITY(_sn__v) - 1
            ) * 0.5e0) AS BIGINT) + 2),
            ELEMENT_AT(_sn__v, CAST(FLOOR((
              CARDINALITY(_sn__v) - 1
            ) * 0.5e0) AS BIGINT) + 1)
          ) - ELEMENT_AT(_sn__v, CAST(FLOOR((
            CARDINALITY(_sn__v) - 1
          ) * 0.5e0) AS BIGINT) + 1)
        ) * (
          (
            CARDINALITY(_sn__v) - 1
          ) * 0.5e0 - FLOOR((
            CARDINALITY(_sn__v) - 1
          ) * 0.5e0)
        )
      ),
      1
    ) AS _sn_amount__centre,
    COUNT(_sn_items) AS _sn_items__n,
    ELEMENT_AT(
      TRANSFORM(
        ARRAY[ARRAY_AGG(_sn_items ORDER BY _sn_items) FILTER(WHERE
          NOT _sn_items IS NULL)],
        _sn__v -> ELEMENT_AT(_sn__v, CAST(FLOOR((
          CARDINALITY(_sn__v) - 1
        ) * 0.5e0) AS BIGINT) + 1) + (
          COALESCE(
            ELEMENT_AT(_sn__v, CAST(FLOOR((
              CARDINALITY(_sn__v) - 1
            ) * 0.5e0) AS BIGINT) + 2),
            ELEMENT_AT(_sn__v, CAST(FLOOR((
              CARDINALITY(_sn__v) - 1
            ) * 0.5e0) AS BIGINT) + 1)
          ) - ELEMENT_AT(_sn__v, CAST(FLOOR((
            CARDINALITY(_sn__v) - 1
          ) * 0.5e0) AS BIGINT) + 1)
        ) * (
          (
            CARDINALITY(_sn__v) - 1
          ) * 0.5e0 - FLOOR((
            CARDINALITY(_sn__v) - 1
          ) * 0.5e0)
        )
      ),
      1
    ) AS _sn_items__centre
  FROM source
  GROUP BY
    _sn__key1
), spread AS (
  SELECT
    source._sn__key1,
    MIN(centre._sn_amount__n) AS _sn_amount__n,
    MIN(centre._sn_amount__centre) AS _sn_amount__centre,
    MIN(centre._sn_items__n) AS _sn_items__n,
    MIN(centre._sn_items__centre) AS _sn_items__centre,
    ELEMENT_AT(
      TRANSFORM(
        ARRAY[ARRAY_AGG(
          ABS(source._sn_amount - centre._sn_amount__centre) ORDER BY ABS(source._sn_amount - centre._sn_amount__centre)
        ) FILTER(WHERE
          NOT ABS(source._sn_amount - centre._sn_amount__centre) IS NULL)],
        _sn__v -> ELEMENT_AT(_sn__v, CAST(FLOOR((
          CARDINALITY(_sn__v) - 1
        ) * 0.5e0) AS BIGINT) + 1) + (
          COALESCE(
            ELEMENT_AT(_sn__v, CAST(FLOOR((
              CARDINALITY(_sn__v) - 1
            ) * 0.5e0) AS BIGINT) + 2),
            ELEMENT_AT(_sn__v, CAST(FLOOR((
              CARDINALITY(_sn__v) - 1
            ) * 0.5e0) AS BIGINT) + 1)
          ) - ELEMENT_AT(_sn__v, CAST(FLOOR((
            CARDINALITY(_sn__v) - 1
          ) * 0.5e0) AS BIGINT) + 1)
        ) * (
          (
            CARDINALITY(_sn__v) - 1
          ) * 0.5e0 - FLOOR((
            CARDINALITY(_sn__v) - 1
          ) * 0.5e0)
        )
      ),
      1
    ) AS _sn_amount__mad,
    ELEMENT_AT(
      TRANSFORM(
        ARRAY[ARRAY_AGG(
          ABS(source._sn_items - centre._sn_items__centre) ORDER BY ABS(source._sn_items - centre._sn_items__centre)
        ) FILTER(WHERE
          NOT ABS(source._sn_items - centre._sn_items__centre) IS NULL)],
        _sn__v -> ELEMENT_AT(_sn__v, CAST(FLOOR((
          CARDINALITY(_sn__v) - 1
        ) * 0.5e0) AS BIGINT) + 1) + (
          COALESCE(
            ELEMENT_AT(_sn__v, CAST(FLOOR((
              CARDINALITY(_sn__v) - 1
            ) * 0.5e0) AS BIGINT) + 2),
            ELEMENT_AT(_sn__v, CAST(FLOOR((
              CARDINALITY(_sn__v) - 1
            ) * 0.5e0) AS BIGINT) + 1)
          ) - ELEMENT_AT(_sn__v, CAST(FLOOR((
            CARDINALITY(_sn__v) - 1
          ) * 0.5e0) AS BIGINT) + 1)
        ) * (
          (
            CARDINALITY(_sn__v) - 1
          ) * 0.5e0 - FLOOR((
            CARDINALITY(_sn__v) - 1
          ) * 0.5e0)
        )
      ),
      1
    ) AS _sn_items__mad
  FROM source
  LEFT JOIN centre
    ON source._sn__key1 IS NOT DISTINCT FROM centre._sn__key1
  GROUP BY
    source._sn__key1
), model AS (
  SELECT
    *,
    CASE
      WHEN CAST(_sn_amount__mad AS DOUBLE) / NULLIF(0.6744897501960817e0, 0.0e0) > 1e-150
      THEN CAST(_sn_amount__mad AS DOUBLE) / NULLIF(0.6744897501960817e0, 0.0e0)
      ELSE 0.0e0
    END AS _sn_amount__scale,
    CASE
      WHEN CAST(_sn_items__mad AS DOUBLE) / NULLIF(0.6744897501960817e0, 0.0e0) > 1e-150
      THEN CAST(_sn_items__mad AS DOUBLE) / NULLIF(0.6744897501960817e0, 0.0e0)
      ELSE 0.0e0
    END AS _sn_items__scale
  FROM spread
), terms AS (
  SELECT
    source.*,
    CASE
      WHEN model._sn_amount__n >= 3
      THEN CASE
        WHEN model._sn_amount__scale > 0.0e0
        THEN CAST(ABS(source._sn_amount - model._sn_amount__centre) AS DOUBLE) / NULLIF(model._sn_amount__scale, 0.0e0)
        WHEN source._sn_amount = model._sn_amount__centre
        THEN 0.0e0
      END
    END AS _sn_amount__term,
    CASE
      WHEN model._sn_items__n >= 3
      THEN CASE
        WHEN model._sn_items__scale > 0.0e0
        THEN CAST(ABS(source._sn_items - model._sn_items__centre) AS DOUBLE) / NULLIF(model._sn_items__scale, 0.0e0)
        WHEN source._sn_items = model._sn_items__centre
        THEN 0.0e0
      END
    END AS _sn_items__term,
    model._sn_amount__centre AS _sn_amount__expected,
    model._sn_items__centre AS _sn_items__expected
  FROM source
  LEFT JOIN model
    ON source._sn__key1 IS NOT DISTINCT FROM model._sn__key1
), scored AS (
  SELECT
    *,
    CASE
      WHEN NOT _sn_amount__term IS NULL AND NOT _sn_items__term IS NULL
      THEN GREATEST(_sn_amount__term, _sn_items__term)
    END AS _sn__score
  FROM terms
), ranked AS (
  SELECT
    *,
    COUNT(_sn__score) OVER (PARTITION BY _sn__key1) AS _sn__scores,
    COUNT(_sn__score) OVER (
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
        1e-09 * GREATEST(1.0e0, ABS(_sn__score))
      )
      THEN 1
      WHEN _sn_items__term >= _sn__score - (
        1e-09 * GREATEST(1.0e0, ABS(_sn__score))
      )
      THEN 2
    END AS _sn__first1
  FROM ranked
), items_2 AS (
  SELECT
    *,
    CONCAT(
      CAST('{"feature": "amount", "value": ' AS VARCHAR),
      CAST(COALESCE(CAST(_sn_amount AS VARCHAR), 'null') AS VARCHAR),
      CAST(', "expected": ' AS VARCHAR),
      CAST(COALESCE(CAST(_sn_amount__expected AS VARCHAR), 'null') AS VARCHAR),
      CAST(', "contribution": ' AS VARCHAR),
      CAST(COALESCE(CAST(_sn_amount__term AS VARCHAR), 'null') AS VARCHAR),
      CAST('}' AS VARCHAR)
    ) AS _sn_amount__item1,
    CASE WHEN _sn__first1 = 1 THEN 1e+300 ELSE COALESCE(_sn_amount__term, -1e+300) END AS _sn_amount__key1,
    CONCAT(
      CAST('{"feature": "items", "value": ' AS VARCHAR),
      CAST(COALESCE(CAST(_sn_items AS VARCHAR), 'null') AS VARCHAR),
      CAST(', "expected": ' AS VARCHAR),
      CAST(COALESCE(CAST(_sn_items__expected AS VARCHAR), 'null') AS VARCHAR),
      CAST(', "contribution": ' AS VARCHAR),
      CAST(COALESCE(CAST(_sn_items__term AS VARCHAR), 'null') AS VARCHAR),
      CAST('}' AS VARCHAR)
    ) AS _sn_items__item1,
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
    THEN CONCAT(
      CAST('[' AS VARCHAR),
      CAST(CASE
        WHEN _sn_amount__place1 = 1
        THEN _sn_amount__item1
        WHEN _sn_items__place1 = 1
        THEN _sn_items__item1
      END AS VARCHAR),
      CAST(', ' AS VARCHAR),
      CAST(CASE
        WHEN _sn_amount__place1 = 2
        THEN _sn_amount__item1
        WHEN _sn_items__place1 = 2
        THEN _sn_items__item1
      END AS VARCHAR),
      CAST(']' AS VARCHAR)
    )
  END AS explanation
FROM places
