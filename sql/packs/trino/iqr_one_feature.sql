-- SELECT id, anomaly_score(amount, detector => 'iqr') AS score
-- FROM orders
/* sqlnomaly 0.1.0: iqr(amount); direction = both, min_rows = 4 */
WITH source AS (
  SELECT
    id,
    CASE WHEN ABS(amount) <= 1e+150 THEN amount END AS _sn_amount
  FROM orders
), quartiles AS (
  SELECT
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
  FROM source
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
  FROM quartiles
), terms AS (
  SELECT
    source.*,
    CASE
      WHEN model._sn_amount__n >= 4
      THEN CASE
        WHEN model._sn_amount__scale > 0.0e0
        AND GREATEST(source._sn_amount - model._sn_amount__q3, model._sn_amount__q1 - source._sn_amount) > 0.0e0
        THEN CAST(GREATEST(source._sn_amount - model._sn_amount__q3, model._sn_amount__q1 - source._sn_amount) AS DOUBLE) / NULLIF(model._sn_amount__scale, 0.0e0)
        WHEN model._sn_amount__scale > 0.0e0
        AND GREATEST(source._sn_amount - model._sn_amount__q3, model._sn_amount__q1 - source._sn_amount) <= 0.0e0
        THEN 0.0e0
        WHEN source._sn_amount = model._sn_amount__centre
        THEN 0.0e0
      END
    END AS _sn_amount__term
  FROM source
  CROSS JOIN model
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
