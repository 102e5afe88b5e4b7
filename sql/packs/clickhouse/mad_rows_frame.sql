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
    CASE WHEN NOT (
      day IS NULL
    ) THEN 1 ELSE 0 END AS _sn__fitted
  FROM orders
), frame AS (
  SELECT
    *,
    groupArray(CASE WHEN _sn__fitted = 1 THEN _sn_amount END) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
      ORDER BY _sn__order1 ASC, CASE WHEN _sn_amount IS NULL THEN 1 ELSE 0 END, COALESCE(_sn_amount, 0.0e0), _sn__fitted DESC
      ROWS BETWEEN 6 PRECEDING AND 1 PRECEDING
    ) AS _sn_amount__x_list0,
    groupArray(CASE WHEN _sn__fitted = 1 THEN _sn_amount END) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
      ORDER BY _sn__order1 ASC, CASE WHEN _sn_amount IS NULL THEN 1 ELSE 0 END, COALESCE(_sn_amount, 0.0e0), _sn__fitted DESC
      ROWS BETWEEN 1 FOLLOWING AND 6 FOLLOWING
    ) AS _sn_amount__x_list1
  FROM source
), sorted AS (
  SELECT
    *,
    arraySort(
      arrayFilter(
        _sn__v -> NOT (
          _sn__v IS NULL
        ),
        arrayConcat(_sn_amount__x_list0, _sn_amount__x_list1)
      )
    ) AS _sn_amount__list
  FROM frame
), centre AS (
  SELECT
    *,
    CAST(LENGTH(_sn_amount__list) AS Nullable(Int64)) AS _sn_amount__n,
    CASE
      WHEN CAST(LENGTH(_sn_amount__list) AS Nullable(Int64)) > 0
      THEN arrayElementOrNull(
        _sn_amount__list,
        CAST(FLOOR((
          CAST(LENGTH(_sn_amount__list) AS Nullable(Int64)) - 1
        ) * 0.5e0) + 1 AS Nullable(Int64))
      ) + (
        (
          COALESCE(
            arrayElementOrNull(
              _sn_amount__list,
              CAST(FLOOR((
                CAST(LENGTH(_sn_amount__list) AS Nullable(Int64)) - 1
              ) * 0.5e0) + 2 AS Nullable(Int64))
            ),
            arrayElementOrNull(
              _sn_amount__list,
              CAST(FLOOR((
                CAST(LENGTH(_sn_amount__list) AS Nullable(Int64)) - 1
              ) * 0.5e0) + 1 AS Nullable(Int64))
            )
          ) - arrayElementOrNull(
            _sn_amount__list,
            CAST(FLOOR((
              CAST(LENGTH(_sn_amount__list) AS Nullable(Int64)) - 1
            ) * 0.5e0) + 1 AS Nullable(Int64))
          )
        ) * (
          (
            (
              CAST(LENGTH(_sn_amount__list) AS Nullable(Int64)) - 1
            ) * 0.5e0
          ) - FLOOR((
            CAST(LENGTH(_sn_amount__list) AS Nullable(Int64)) - 1
          ) * 0.5e0)
        )
      )
    END AS _sn_amount__centre
  FROM sorted
), spread_lists AS (
  SELECT
    *,
    arraySort(
      arrayFilter(
        _sn__v -> NOT (
          _sn__v IS NULL
        ),
        arrayMap(_sn__v -> ABS(_sn__v - _sn_amount__centre), _sn_amount__list)
      )
    ) AS _sn_amount__mad_list
  FROM centre
), spread AS (
  SELECT
    *,
    CASE
      WHEN CAST(LENGTH(_sn_amount__mad_list) AS Nullable(Int64)) > 0
      THEN arrayElementOrNull(
        _sn_amount__mad_list,
        CAST(FLOOR((
          CAST(LENGTH(_sn_amount__mad_list) AS Nullable(Int64)) - 1
        ) * 0.5e0) + 1 AS Nullable(Int64))
      ) + (
        (
          COALESCE(
            arrayElementOrNull(
              _sn_amount__mad_list,
              CAST(FLOOR((
                CAST(LENGTH(_sn_amount__mad_list) AS Nullable(Int64)) - 1
              ) * 0.5e0) + 2 AS Nullable(Int64))
            ),
            arrayElementOrNull(
              _sn_amount__mad_list,
              CAST(FLOOR((
                CAST(LENGTH(_sn_amount__mad_list) AS Nullable(Int64)) - 1
              ) * 0.5e0) + 1 AS Nullable(Int64))
            )
          ) - arrayElementOrNull(
            _sn_amount__mad_list,
            CAST(FLOOR((
              CAST(LENGTH(_sn_amount__mad_list) AS Nullable(Int64)) - 1
            ) * 0.5e0) + 1 AS Nullable(Int64))
          )
        ) * (
          (
            (
              CAST(LENGTH(_sn_amount__mad_list) AS Nullable(Int64)) - 1
            ) * 0.5e0
          ) - FLOOR((
            CAST(LENGTH(_sn_amount__mad_list) AS Nullable(Int64)) - 1
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
WHERE
  _sn__score > 2
SETTINGS query_plan_merge_expressions = 0
