-- SELECT id, anomaly_score(amount, detector => 'mad')
--              OVER (PARTITION BY store ORDER BY day
--                    RANGE BETWEEN INTERVAL 7 DAY PRECEDING AND CURRENT ROW) AS score
-- FROM orders
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
    COLLECT_LIST(CASE WHEN _sn__fitted = 1 THEN _sn_amount END) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
      ORDER BY _sn__order1 ASC
      RANGE BETWEEN INTERVAL '7' DAY PRECEDING AND CURRENT ROW
    ) AS _sn_amount__x_list0
  FROM source
), sorted AS (
  SELECT
    *,
    ARRAY_SORT(_sn_amount__x_list0) AS _sn_amount__all
  FROM frame
), without_own AS (
  SELECT
    *,
    CASE
      WHEN NOT _sn_amount IS NULL AND _sn__fitted = 1
      THEN CONCAT(
        SLICE(_sn_amount__all, 1, CAST(ARRAY_POSITION(_sn_amount__all, _sn_amount) - 1 AS INT)),
        SLICE(
          _sn_amount__all,
          CAST(ARRAY_POSITION(_sn_amount__all, _sn_amount) + 1 AS INT),
          SIZE(_sn_amount__all)
        )
      )
      ELSE _sn_amount__all
    END AS _sn_amount__list
  FROM sorted
), centre AS (
  SELECT
    *,
    SIZE(_sn_amount__list) AS _sn_amount__n,
    CASE
      WHEN SIZE(_sn_amount__list) > 0
      THEN TRY_ELEMENT_AT(_sn_amount__list, CAST(FLOOR((
        SIZE(_sn_amount__list) - 1
      ) * 0.5e0) + 1 AS INT)) + (
        (
          COALESCE(
            TRY_ELEMENT_AT(_sn_amount__list, CAST(FLOOR((
              SIZE(_sn_amount__list) - 1
            ) * 0.5e0) + 2 AS INT)),
            TRY_ELEMENT_AT(_sn_amount__list, CAST(FLOOR((
              SIZE(_sn_amount__list) - 1
            ) * 0.5e0) + 1 AS INT))
          ) - TRY_ELEMENT_AT(_sn_amount__list, CAST(FLOOR((
            SIZE(_sn_amount__list) - 1
          ) * 0.5e0) + 1 AS INT))
        ) * (
          (
            (
              SIZE(_sn_amount__list) - 1
            ) * 0.5e0
          ) - FLOOR((
            SIZE(_sn_amount__list) - 1
          ) * 0.5e0)
        )
      )
    END AS _sn_amount__centre
  FROM without_own
), spread_lists AS (
  SELECT
    *,
    ARRAY_SORT(TRANSFORM(_sn_amount__list, _sn__v -> ABS(_sn__v - _sn_amount__centre))) AS _sn_amount__mad_list
  FROM centre
), spread AS (
  SELECT
    *,
    CASE
      WHEN SIZE(_sn_amount__mad_list) > 0
      THEN TRY_ELEMENT_AT(
        _sn_amount__mad_list,
        CAST(FLOOR((
          SIZE(_sn_amount__mad_list) - 1
        ) * 0.5e0) + 1 AS INT)
      ) + (
        (
          COALESCE(
            TRY_ELEMENT_AT(
              _sn_amount__mad_list,
              CAST(FLOOR((
                SIZE(_sn_amount__mad_list) - 1
              ) * 0.5e0) + 2 AS INT)
            ),
            TRY_ELEMENT_AT(
              _sn_amount__mad_list,
              CAST(FLOOR((
                SIZE(_sn_amount__mad_list) - 1
              ) * 0.5e0) + 1 AS INT)
            )
          ) - TRY_ELEMENT_AT(
            _sn_amount__mad_list,
            CAST(FLOOR((
              SIZE(_sn_amount__mad_list) - 1
            ) * 0.5e0) + 1 AS INT)
          )
        ) * (
          (
            (
              SIZE(_sn_amount__mad_list) - 1
            ) * 0.5e0
          ) - FLOOR((
            SIZE(_sn_amount__mad_list) - 1
          ) * 0.5e0)
        )
      )
    END AS _sn_amount__mad
  FROM spread_lists
), model AS (
  SELECT
    *,
    CASE
      WHEN _sn_amount__mad / NULLIF(0.6744897501960817e0, 0.0e0) > 1e-150
      THEN _sn_amount__mad / NULLIF(0.6744897501960817e0, 0.0e0)
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
        THEN ABS(_sn_amount - _sn_amount__centre) / NULLIF(_sn_amount__scale, 0.0e0)
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
