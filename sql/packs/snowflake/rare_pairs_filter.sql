-- SELECT id, anomaly_score(items, disputed, detector => 'rare_pairs')
--              FILTER (WHERE NOT disputed) OVER (PARTITION BY store) AS score
-- FROM orders
/* sqlnomaly 0.1.0: rare_pairs(items, disputed); min_rows = 3 */
WITH source AS (
  SELECT
    id,
    CAST(items AS VARCHAR) AS _sn_items,
    CASE WHEN disputed THEN 'true' WHEN NOT disputed THEN 'false' END AS _sn_disputed,
    store AS _sn__key1,
    CASE WHEN NOT disputed THEN 1 ELSE 0 END AS _sn__fitted
  FROM orders
), pairs AS (
  SELECT
    *,
    CASE WHEN NOT _sn_items IS NULL AND NOT _sn_disputed IS NULL THEN _sn_items END AS _sn_items__whole,
    CASE WHEN NOT _sn_items IS NULL AND NOT _sn_disputed IS NULL THEN _sn_disputed END AS _sn_disputed__whole,
    CASE
      WHEN NOT _sn_items IS NULL AND NOT _sn_disputed IS NULL
      THEN REPLACE(_sn_items, '~', '~0') || '~1' || REPLACE(_sn_disputed, '~', '~0')
    END AS _sn_items__with_1
  FROM source
), counts AS (
  SELECT
    *,
    SUM(CASE WHEN NOT _sn_items__whole IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1, _sn_items__whole) AS _sn_items__whole__count,
    SUM(CASE WHEN NOT _sn_items__whole IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1) AS _sn_items__whole__n,
    CAST(1.0e0 AS DOUBLE) AS _sn_items__whole__scale,
    SUM(CASE WHEN NOT _sn_disputed__whole IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1, _sn_disputed__whole) AS _sn_disputed__whole__count,
    SUM(CASE WHEN NOT _sn_disputed__whole IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1) AS _sn_disputed__whole__n,
    CAST(1.0e0 AS DOUBLE) AS _sn_disputed__whole__scale,
    SUM(CASE WHEN NOT _sn_items__with_1 IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1, _sn_items__with_1) AS _sn_items__with_1__count,
    SUM(CASE WHEN NOT _sn_items__with_1 IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1) AS _sn_items__with_1__n,
    CAST(1.0e0 AS DOUBLE) AS _sn_items__with_1__scale
  FROM pairs
), independent AS (
  SELECT
    *,
    _sn_items__whole__n AS _sn_items__n,
    CAST(1.0e0 AS DOUBLE) AS _sn_items__scale,
    _sn_disputed__whole__n AS _sn_disputed__n,
    CAST(1.0e0 AS DOUBLE) AS _sn_disputed__scale,
    CASE
      WHEN NOT _sn_items__with_1 IS NULL
      THEN (
        CAST(_sn_items__whole__count AS DOUBLE) * CAST(_sn_disputed__whole__count AS DOUBLE)
      ) / NULLIF(_sn_items__with_1__n, 0.0e0)
    END AS _sn_items__with_1__expected,
    CASE
      WHEN NOT _sn_items__with_1 IS NULL
      THEN CAST(_sn_items__with_1__count AS DOUBLE)
    END AS _sn_items__with_1__observed
  FROM counts
), deficits AS (
  SELECT
    *,
    CASE
      WHEN _sn_items__with_1__observed < _sn_items__with_1__expected
      THEN SQRT(
        CASE
          WHEN CAST(2.0e0 AS DOUBLE) * GREATEST(
            (
              _sn_items__with_1__expected - _sn_items__with_1__observed
            ) + CASE
              WHEN _sn_items__with_1__observed > 0.0e0
              THEN _sn_items__with_1__observed * LN(
                CASE
                  WHEN _sn_items__with_1__observed / NULLIF(_sn_items__with_1__expected, 0.0e0) > 0.0e0
                  THEN _sn_items__with_1__observed / NULLIF(_sn_items__with_1__expected, 0.0e0)
                END
              )
              ELSE CAST(0.0e0 AS DOUBLE)
            END,
            CAST(0.0e0 AS DOUBLE)
          ) >= 0.0e0
          THEN CAST(2.0e0 AS DOUBLE) * GREATEST(
            (
              _sn_items__with_1__expected - _sn_items__with_1__observed
            ) + CASE
              WHEN _sn_items__with_1__observed > 0.0e0
              THEN _sn_items__with_1__observed * LN(
                CASE
                  WHEN _sn_items__with_1__observed / NULLIF(_sn_items__with_1__expected, 0.0e0) > 0.0e0
                  THEN _sn_items__with_1__observed / NULLIF(_sn_items__with_1__expected, 0.0e0)
                END
              )
              ELSE CAST(0.0e0 AS DOUBLE)
            END,
            CAST(0.0e0 AS DOUBLE)
          )
        END
      )
      WHEN NOT _sn_items__with_1__observed IS NULL
      THEN CAST(0.0e0 AS DOUBLE)
    END AS _sn_items__with_1__missing
  FROM independent
), terms AS (
  SELECT
    *,
    CASE
      WHEN _sn_items__n >= 3
      THEN CASE
        WHEN NOT _sn_items IS NULL AND NOT _sn_disputed IS NULL
        THEN GREATEST(CAST(0.0e0 AS DOUBLE), _sn_items__with_1__missing)
      END
    END AS _sn_items__term,
    CASE
      WHEN _sn_disputed__n >= 3
      THEN CASE
        WHEN NOT _sn_items IS NULL AND NOT _sn_disputed IS NULL
        THEN GREATEST(CAST(0.0e0 AS DOUBLE), _sn_items__with_1__missing)
      END
    END AS _sn_disputed__term
  FROM deficits
), scored AS (
  SELECT
    *,
    CASE
      WHEN NOT _sn_items__term IS NULL AND NOT _sn_disputed__term IS NULL
      THEN GREATEST(_sn_items__term, _sn_disputed__term)
    END AS _sn__score
  FROM terms
)
SELECT
  id,
  _sn__score AS score
FROM scored
