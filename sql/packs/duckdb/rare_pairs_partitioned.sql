-- SELECT id, store,
--        anomaly_score(items, disputed, detector => 'rare_pairs') OVER (PARTITION BY store) AS score,
--        is_anomaly(items, disputed, detector => 'rare_pairs') OVER (PARTITION BY store) AS alert,
--        anomaly_reason(items, disputed, detector => 'rare_pairs') OVER (PARTITION BY store) AS reason,
--        anomaly_status(items, disputed, detector => 'rare_pairs') OVER (PARTITION BY store) AS status
-- FROM orders
-- ORDER BY id
/* sqlnomaly 0.1.0: rare_pairs(items, disputed); min_rows = 3 */
WITH source AS (
  SELECT
    id,
    store,
    CAST(items AS TEXT) AS _sn_items,
    CASE WHEN disputed THEN 'true' WHEN NOT disputed THEN 'false' END AS _sn_disputed,
    store AS _sn__key1
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
    COUNT(_sn_items__whole) OVER (PARTITION BY _sn__key1, _sn_items__whole) AS _sn_items__whole__count,
    COUNT(_sn_items__whole) OVER (PARTITION BY _sn__key1) AS _sn_items__whole__n,
    1.0e0 AS _sn_items__whole__scale,
    COUNT(_sn_disputed__whole) OVER (PARTITION BY _sn__key1, _sn_disputed__whole) AS _sn_disputed__whole__count,
    COUNT(_sn_disputed__whole) OVER (PARTITION BY _sn__key1) AS _sn_disputed__whole__n,
    1.0e0 AS _sn_disputed__whole__scale,
    COUNT(_sn_items__with_1) OVER (PARTITION BY _sn__key1, _sn_items__with_1) AS _sn_items__with_1__count,
    COUNT(_sn_items__with_1) OVER (PARTITION BY _sn__key1) AS _sn_items__with_1__n,
    1.0e0 AS _sn_items__with_1__scale
  FROM pairs
), independent AS (
  SELECT
    *,
    _sn_items__whole__n AS _sn_items__n,
    1.0e0 AS _sn_items__scale,
    _sn_disputed__whole__n AS _sn_disputed__n,
    1.0e0 AS _sn_disputed__scale,
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
          WHEN 2.0e0 * GREATEST(
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
              ELSE 0.0e0
            END,
            0.0e0
          ) >= 0.0e0
          THEN 2.0e0 * GREATEST(
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
              ELSE 0.0e0
            END,
            0.0e0
          )
        END
      )
      WHEN NOT _sn_items__with_1__observed IS NULL
      THEN 0.0e0
    END AS _sn_items__with_1__missing
  FROM independent
), terms AS (
  SELECT
    *,
    CASE
      WHEN _sn_items__n >= 3
      THEN CASE
        WHEN NOT _sn_items IS NULL AND NOT _sn_disputed IS NULL
        THEN GREATEST(0.0e0, _sn_items__with_1__missing)
      END
    END AS _sn_items__term,
    CASE
      WHEN _sn_disputed__n >= 3
      THEN CASE
        WHEN NOT _sn_items IS NULL AND NOT _sn_disputed IS NULL
        THEN GREATEST(0.0e0, _sn_items__with_1__missing)
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
  store,
  _sn__score AS score,
  _sn__score > 3.000000003e0 AS alert,
  CASE
    WHEN _sn__score IS NULL
    THEN NULL
    WHEN _sn_items__term >= _sn__score - (
      1e-09 * GREATEST(1.0e0, ABS(_sn__score))
    )
    THEN 'items'
    WHEN _sn_disputed__term >= _sn__score - (
      1e-09 * GREATEST(1.0e0, ABS(_sn__score))
    )
    THEN 'disputed'
  END AS reason,
  CASE
    WHEN _sn_items IS NULL OR _sn_disputed IS NULL
    THEN 'missing_value'
    WHEN COALESCE(_sn_items__n, 0) < 3 OR COALESCE(_sn_disputed__n, 0) < 3
    THEN 'too_few_rows'
    WHEN _sn__score IS NULL OR (
      FALSE AND FALSE
    )
    THEN 'constant_baseline'
    ELSE 'ok'
  END AS status
FROM scored
ORDER BY
  id
