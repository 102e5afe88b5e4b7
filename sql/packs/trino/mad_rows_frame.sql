-- SELECT id, anomaly_score(amount, detector => 'mad')
--              OVER (PARTITION BY store ORDER BY day ROWS BETWEEN 6 PRECEDING AND 6 FOLLOWING) AS score
-- FROM orders
-- QUALIFY score > 2
/* sqlnomaly 0.1.0: mad(amount); direction = both, min_rows = 3 */
WITH source AS (
  SELECT
    id,
    CASE WHEN ABS(amount) <= 1e+150 THEN amount END AS _sn_amount,
    store AS _sn__key1,
    day AS _sn__order1,
    CASE WHEN NOT day IS NULL THEN 1 ELSE 0 END AS _sn__fitted
  FROM orders
), frame AS (
  SELECT
    *,
    ARRAY_AGG(CASE WHEN _sn__fitted = 1 THEN _sn_amount END) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
      ORDER BY _sn__order1 ASC, CASE WHEN _sn_amount IS NULL THEN 1 ELSE 0 END, COALESCE(_sn_amount, 0.0e0), _sn__fitted DESC
      ROWS BETWEEN 6 PRECEDING AND 1 PRECEDING
    ) AS _sn_amount__x_list0,
    ARRAY_AGG(CASE WHEN _sn__fitted = 1 THEN _sn_amount END) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
      ORDER BY _sn__order1 ASC, CASE WHEN _sn_amount IS NULL THEN 1 ELSE 0 END, COALESCE(_sn_amount, 0.0e0), _sn__fitted DESC
      ROWS BETWEEN 1 FOLLOWING AND 6 FOLLOWING
    ) AS _sn_amount__x_list1
  FROM source
), sorted AS (
  SELECT
    *,
    ARRAY_SORT(
      FILTER(
        CONCAT(
          COALESCE(_sn_amount__x_list0, CAST(ARRAY[] AS ARRAY(DOUBLE))),
          COALESCE(_sn_amount__x_list1, CAST(ARRAY[] AS ARRAY(DOUBLE)))
        ),
        _sn__v -> NOT _sn__v IS NULL
      )
    ) AS _sn_amount__list
  FROM frame
), centre AS (
  SELECT
    *,
    COALESCE(CARDINALITY(_sn_amount__list), 0) AS _sn_amount__n,
    CASE
      WHEN COALESCE(CARDINALITY(_sn_amount__list), 0) > 0
      THEN ELEMENT_AT(
        _sn_amount__list,
        NULLIF(
          CAST(FLOOR((
            COALESCE(CARDINALITY(_sn_amount__list), 0) - 1
          ) * 0.5e0) + 1 AS BIGINT),
          0
        )
      ) + (
        (
          COALESCE(
            ELEMENT_AT(
              _sn_amount__list,
              NULLIF(
                CAST(FLOOR((
                  COALESCE(CARDINALITY(_sn_amount__list), 0) - 1
                ) * 0.5e0) + 2 AS BIGINT),
                0
              )
            ),
            ELEMENT_AT(
              _sn_amount__list,
              NULLIF(
                CAST(FLOOR((
                  COALESCE(CARDINALITY(_sn_amount__list), 0) - 1
                ) * 0.5e0) + 1 AS BIGINT),
                0
              )
            )
          ) - ELEMENT_AT(
            _sn_amount__list,
            NULLIF(
              CAST(FLOOR((
                COALESCE(CARDINALITY(_sn_amount__list), 0) - 1
              ) * 0.5e0) + 1 AS BIGINT),
              0
            )
          )
        ) * (
          (
            (
              COALESCE(CARDINALITY(_sn_amount__list), 0) - 1
            ) * 0.5e0
          ) - FLOOR((
            COALESCE(CARDINALITY(_sn_amount__list), 0) - 1
          ) * 0.5e0)
        )
      )
    END AS _sn_amount__centre
  FROM sorted
), spread_lists AS (
  SELECT
    *,
    ARRAY_SORT(
      FILTER(
        TRANSFORM(_sn_amount__list, _sn__v -> ABS(_sn__v - _sn_amount__centre)),
        _sn__v -> NOT _sn__v IS NULL
      )
    ) AS _sn_amount__mad_list
  FROM centre
), spread AS (
  SELECT
    *,
    CASE
      WHEN COALESCE(CARDINALITY(_sn_amount__mad_list), 0) > 0
      THEN ELEMENT_AT(
        _sn_amount__mad_list,
        NULLIF(
          CAST(FLOOR((
            COALESCE(CARDINALITY(_sn_amount__mad_list), 0) - 1
          ) * 0.5e0) + 1 AS BIGINT),
          0
        )
      ) + (
        (
          COALESCE(
            ELEMENT_AT(
              _sn_amount__mad_list,
              NULLIF(
                CAST(FLOOR((
                  COALESCE(CARDINALITY(_sn_amount__mad_list), 0) - 1
                ) * 0.5e0) + 2 AS BIGINT),
                0
              )
            ),
            ELEMENT_AT(
              _sn_amount__mad_list,
              NULLIF(
                CAST(FLOOR((
                  COALESCE(CARDINALITY(_sn_amount__mad_list), 0) - 1
                ) * 0.5e0) + 1 AS BIGINT),
                0
              )
            )
          ) - ELEMENT_AT(
            _sn_amount__mad_list,
            NULLIF(
              CAST(FLOOR((
                COALESCE(CARDINALITY(_sn_amount__mad_list), 0) - 1
              ) * 0.5e0) + 1 AS BIGINT),
              0
            )
          )
        ) * (
          (
            (
              COALESCE(CARDINALITY(_sn_amount__mad_list), 0) - 1
            ) * 0.5e0
          ) - FLOOR((
            COALESCE(CARDINALITY(_sn_amount__mad_list), 0) - 1
          ) * 0.5e0)
        )
      )
    END AS _sn_amount__mad
  FROM spread_lists
), model AS (
  SELECT
    *,
    CASE
      WHEN CAST(_sn_amount__mad AS DOUBLE) / NULLIF(0.6744897501960817e0, 0.0e0) > 1e-150
      THEN CAST(_sn_amount__mad AS DOUBLE) / NULLIF(0.6744897501960817e0, 0.0e0)
      ELSE 0.0e0
    END AS _sn_amount__scale
  FROM spread
), terms AS (
  SELECT
    *,
    CASE
      WHEN _sn_amount__n >= 3
      THEN CASE
        WHEN _sn_amount__scale > 0.0e0
        THEN CAST(ABS(_sn_amount - _sn_amount__centre) AS DOUBLE) / NULLIF(_sn_amount__scale, 0.0e0)
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
WHERE
  _sn__score > 2
