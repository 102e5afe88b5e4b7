-- SELECT id, anomaly_score(amount, items, detector => 'mad')
--              FILTER (WHERE NOT disputed) OVER (PARTITION BY store) AS score
-- FROM orders
/* sqlnomaly 0.1.0: mad(amount, items); direction = both, min_rows = 3 */
WITH source AS (
  SELECT
    id,
    CASE WHEN ABS(amount) <= 1e+150 THEN amount END AS _sn_amount,
    CAST(items AS DOUBLE) AS _sn_items,
    store AS _sn__key1,
    CASE WHEN NOT disputed THEN 1 ELSE 0 END AS _sn__fitted
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
  WHERE
    _sn__fitted = 1
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
  WHERE
    source._sn__fitted = 1
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
    END AS _sn_items__term
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
)
SELECT
  id,
  _sn__score AS score
FROM scored
