-- SELECT id, anomaly_score(amount, detector => 'iqr')
--              OVER (PARTITION BY store ORDER BY day
--                    RANGE BETWEEN INTERVAL 7 DAY PRECEDING AND CURRENT ROW) AS score
-- FROM orders
/* sqlnomaly 0.1.0: iqr(amount); direction = both, min_rows = 4 */
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
), quartiles AS (
  SELECT
    *,
    SIZE(_sn_amount__list) AS _sn_amount__n,
    CASE
      WHEN SIZE(_sn_amount__list) > 0
      THEN TRY_ELEMENT_AT(
        _sn_amount__list,
        CAST(FLOOR((
          SIZE(_sn_amount__list) - 1
        ) * 0.25e0) + 1 AS INT)
      ) + (
        (
          COALESCE(
            TRY_ELEMENT_AT(
              _sn_amount__list,
              CAST(FLOOR((
                SIZE(_sn_amount__list) - 1
              ) * 0.25e0) + 2 AS INT)
            ),
            TRY_ELEMENT_AT(
              _sn_amount__list,
              CAST(FLOOR((
                SIZE(_sn_amount__list) - 1
              ) * 0.25e0) + 1 AS INT)
            )
          ) - TRY_ELEMENT_AT(
            _sn_amount__list,
            CAST(FLOOR((
              SIZE(_sn_amount__list) - 1
            ) * 0.25e0) + 1 AS INT)
          )
        ) * (
          (
            (
              SIZE(_sn_amount__list) - 1
            ) * 0.25e0
          ) - FLOOR((
            SIZE(_sn_amount__list) - 1
          ) * 0.25e0)
        )
      )
    END AS _sn_amount__q1,
    CASE
      WHEN SIZE(_sn_amount__list) > 0
      THEN TRY_ELEMENT_AT(
        _sn_amount__list,
        CAST(FLOOR((
          SIZE(_sn_amount__list) - 1
        ) * 0.75e0) + 1 AS INT)
      ) + (
        (
          COALESCE(
            TRY_ELEMENT_AT(
              _sn_amount__list,
              CAST(FLOOR((
                SIZE(_sn_amount__list) - 1
              ) * 0.75e0) + 2 AS INT)
            ),
            TRY_ELEMENT_AT(
              _sn_amount__list,
              CAST(FLOOR((
                SIZE(_sn_amount__list) - 1
              ) * 0.75e0) + 1 AS INT)
            )
          ) - TRY_ELEMENT_AT(
            _sn_amount__list,
            CAST(FLOOR((
              SIZE(_sn_amount__list) - 1
            ) * 0.75e0) + 1 AS INT)
          )
        ) * (
          (
            (
              SIZE(_sn_amount__list) - 1
            ) * 0.75e0
          ) - FLOOR((
            SIZE(_sn_amount__list) - 1
          ) * 0.75e0)
        )
      )
    END AS _sn_amount__q3
  FROM without_own
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
    *,
    CASE
      WHEN _sn_amount__n >= 4
      THEN CASE
        WHEN _sn_amount__scale > 0.0e0
        AND GREATEST(_sn_amount - _sn_amount__q3, _sn_amount__q1 - _sn_amount) > 0.0e0
        THEN GREATEST(_sn_amount - _sn_amount__q3, _sn_amount__q1 - _sn_amount) / NULLIF(_sn_amount__scale, 0.0e0)
        WHEN _sn_amount__scale > 0.0e0
        AND GREATEST(_sn_amount - _sn_amount__q3, _sn_amount__q1 - _sn_amount) <= 0.0e0
        THEN 0.0e0
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
