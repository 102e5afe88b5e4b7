-- SELECT id, anomaly_score(items, disputed, detector => 'avf')
--              FILTER (WHERE NOT disputed) OVER (PARTITION BY store) AS score
-- FROM orders
/* sqlnomaly 0.1.0: avf(items, disputed); min_rows = 3 */
WITH source AS (
  SELECT
    id,
    CAST(items AS STRING) AS _sn_items,
    CASE WHEN disputed THEN 'true' WHEN NOT disputed THEN 'false' END AS _sn_disputed,
    store AS _sn__key1,
    CASE WHEN NOT disputed THEN 1 ELSE 0 END AS _sn__fitted
  FROM orders
), counts AS (
  SELECT
    *,
    SUM(CASE WHEN NOT _sn_items IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1, _sn_items) AS _sn_items__count,
    SUM(CASE WHEN NOT _sn_items IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1) AS _sn_items__n,
    1.0e0 AS _sn_items__scale,
    SUM(CASE WHEN NOT _sn_disputed IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1, _sn_disputed) AS _sn_disputed__count,
    SUM(CASE WHEN NOT _sn_disputed IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1) AS _sn_disputed__n,
    1.0e0 AS _sn_disputed__scale
  FROM source
), terms AS (
  SELECT
    *,
    CASE
      WHEN _sn_items__n >= 3
      THEN (
        1.0e0 - CASE
          WHEN NOT _sn_items IS NULL
          THEN CAST(COALESCE(_sn_items__count, 0) AS DOUBLE) / NULLIF(_sn_items__n, 0.0e0)
        END
      ) / NULLIF(2.0e0, 0.0e0)
    END AS _sn_items__term,
    CASE
      WHEN _sn_disputed__n >= 3
      THEN (
        1.0e0 - CASE
          WHEN NOT _sn_disputed IS NULL
          THEN CAST(COALESCE(_sn_disputed__count, 0) AS DOUBLE) / NULLIF(_sn_disputed__n, 0.0e0)
        END
      ) / NULLIF(2.0e0, 0.0e0)
    END AS _sn_disputed__term
  FROM counts
), scored AS (
  SELECT
    *,
    CASE
      WHEN NOT _sn_items__term IS NULL AND NOT _sn_disputed__term IS NULL
      THEN _sn_items__term + _sn_disputed__term
    END AS _sn__score,
    CASE
      WHEN NOT _sn_items__term IS NULL AND NOT _sn_disputed__term IS NULL
      THEN GREATEST(_sn_items__term, _sn_disputed__term)
    END AS _sn__best
  FROM terms
)
SELECT
  id,
  _sn__score AS score
FROM scored
