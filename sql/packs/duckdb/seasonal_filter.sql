-- SELECT id, anomaly_score(amount, items, detector => 'seasonal', season => 'weekend', min_rows => 5)
--              FILTER (WHERE NOT disputed) OVER (PARTITION BY store ORDER BY day) AS score
-- FROM orders
/* sqlnomaly 0.1.0: seasonal(amount, items); direction = both, min_rows = 5 */
WITH source AS (
  SELECT
    id,
    CASE WHEN ABS(amount) <= 1e+150 THEN amount END AS _sn_amount,
    CAST(items AS DOUBLE) AS _sn_items,
    store AS _sn__key1,
    CASE
      WHEN EXTRACT(ISODOW FROM day) >= 6
      THEN 1
      WHEN EXTRACT(ISODOW FROM day) < 6
      THEN 0
    END AS _sn__slot1,
    day AS _sn__order1,
    CASE WHEN NOT disputed AND NOT day IS NULL THEN 1 ELSE 0 END AS _sn__fitted
  FROM orders
), placed AS (
  SELECT
    *,
    CASE
      WHEN NOT _sn__order1 IS NULL
      THEN RANK() OVER (
        PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
        ORDER BY _sn__order1 ASC
      ) - 1
    END AS _sn_amount__level0_place,
    CASE
      WHEN NOT _sn__order1 IS NULL
      THEN RANK() OVER (
        PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn__slot1
        ORDER BY _sn__order1 ASC
      ) - 1
    END AS _sn_amount__level1_place
  FROM source
), aged AS (
  SELECT
    *,
    CASE
      WHEN _sn_amount__level0_place >= 5
      THEN CAST(FLOOR(
        LN(GREATEST(COALESCE(_sn_amount__level0_place, 1), 1) - 0.25e0) / NULLIF(0.095310179804e0, 0.0e0)
      ) AS BIGINT)
    END AS _sn_amount__level0_age,
    CASE
      WHEN _sn_amount__level1_place >= 5
      THEN CAST(FLOOR(
        LN(GREATEST(COALESCE(_sn_amount__level1_place, 1), 1) - 0.25e0) / NULLIF(0.095310179804e0, 0.0e0)
      ) AS BIGINT)
    END AS _sn_amount__level1_age
  FROM placed
), ages AS (
  SELECT
    _sn__key1,
    _sn__slot1,
    _sn_amount__level1_age,
    MIN(_sn_amount__level1_place) AS _sn__first
  FROM aged
  WHERE
    NOT _sn_amount__level1_age IS NULL
  GROUP BY
    _sn__key1,
    _sn__slot1,
    _sn_amount__level1_age
), again1 AS (
  SELECT
    ages._sn__key1,
    ages._sn__slot1,
    ages._sn_amount__level1_age,
    aged._sn_amount,
    aged._sn_items,
    aged._sn__fitted
  FROM ages
  INNER JOIN aged
    ON aged._sn__key1 IS NOT DISTINCT FROM ages._sn__key1
    AND aged._sn__slot1 IS NOT DISTINCT FROM ages._sn__slot1
  WHERE
    aged._sn_amount__level1_place < ages._sn__first
), before1 AS (
  SELECT
    ages._sn__key1,
    ages._sn__slot1,
    ages._sn_amount__level1_age,
    aged._sn_amount,
    aged._sn_items,
    aged._sn__fitted
  FROM ages
  INNER JOIN aged
    ON aged._sn__key1 IS NOT DISTINCT FROM ages._sn__key1
    AND aged._sn__slot1 IS NOT DISTINCT FROM ages._sn__slot1
  WHERE
    aged._sn_amount__level1_place < ages._sn__first
), medians1 AS (
  SELECT
    _sn__key1,
    _sn__slot1,
    _sn_amount__level1_age,
    COUNT(_sn_amount) AS _sn_amount__n1,
    QUANTILE_CONT(_sn_amount, 0.5e0) AS _sn_amount__median1,
    COUNT(_sn_items) AS _sn_items__n1,
    QUANTILE_CONT(_sn_items, 0.5e0) AS _sn_items__median1
  FROM before1
  WHERE
    _sn__fitted = 1
  GROUP BY
    _sn__key1,
    _sn__slot1,
    _sn_amount__level1_age
), mads1 AS (
  SELECT
    again1._sn__key1,
    again1._sn__slot1,
    again1._sn_amount__level1_age,
    MIN(medians1._sn_amount__n1) AS _sn_amount__n1,
    MIN(medians1._sn_amount__median1) AS _sn_amount__median1,
    MIN(medians1._sn_items__n1) AS _sn_items__n1,
    MIN(medians1._sn_items__median1) AS _sn_items__median1,
    QUANTILE_CONT(ABS(again1._sn_amount - medians1._sn_amount__median1), 0.5e0) AS _sn_amount__mad1,
    QUANTILE_CONT(ABS(again1._sn_items - medians1._sn_items__median1), 0.5e0) AS _sn_items__mad1
  FROM again1
  LEFT JOIN medians1
    ON again1._sn__key1 IS NOT DISTINCT FROM medians1._sn__key1
    AND again1._sn__slot1 IS NOT DISTINCT FROM medians1._sn__slot1
    AND again1._sn_amount__level1_age IS NOT DISTINCT FROM medians1._sn_amount__level1_age
  WHERE
    again1._sn__fitted = 1
  GROUP BY
    again1._sn__key1,
    again1._sn__slot1,
    again1._sn_amount__level1_age
), beside1 AS (
  SELECT
    aged.*,
    mads1._sn_amount__n1,
    mads1._sn_amount__median1,
    mads1._sn_items__n1,
    mads1._sn_items__median1,
    mads1._sn_amount__mad1,
    mads1._sn_items__mad1
  FROM aged
  LEFT JOIN mads1
    ON aged._sn__key1 IS NOT DISTINCT FROM mads1._sn__key1
    AND aged._sn__slot1 IS NOT DISTINCT FROM mads1._sn__slot1
    AND aged._sn_amount__level1_age IS NOT DISTINCT FROM mads1._sn_amount__level1_age
), judged AS (
  SELECT
    *,
    CASE WHEN _sn_amount__n1 >= 5 THEN _sn_amount__median1 END AS _sn_amount__centre,
    CASE WHEN _sn_amount__n1 >= 5 THEN _sn_amount__mad1 END AS _sn_amount__mad,
    CASE WHEN _sn_amount__n1 >= 5 THEN _sn_amount__n1 END AS _sn_amount__values,
    CASE WHEN _sn_items__n1 >= 5 THEN _sn_items__median1 END AS _sn_items__centre,
    CASE WHEN _sn_items__n1 >= 5 THEN _sn_items__mad1 END AS _sn_items__mad,
    CASE WHEN _sn_items__n1 >= 5 THEN _sn_items__n1 END AS _sn_items__values
  FROM beside1
), missed AS (
  SELECT
    *,
    ABS(_sn_amount - _sn_amount__centre) AS _sn_amount__miss,
    ABS(_sn_items - _sn_items__centre) AS _sn_items__miss
  FROM judged
), ages_2 AS (
  SELECT
    _sn__key1,
    _sn_amount__level0_age,
    MIN(_sn_amount__level0_place) AS _sn__first
  FROM missed
  WHERE
    NOT _sn_amount__level0_age IS NULL
  GROUP BY
    _sn__key1,
    _sn_amount__level0_age
), so_far AS (
  SELECT
    ages_2._sn__key1,
    ages_2._sn_amount__level0_age,
    missed._sn_amount__miss,
    missed._sn_items__miss,
    missed._sn__fitted
  FROM ages_2
  INNER JOIN missed
    ON missed._sn__key1 IS NOT DISTINCT FROM ages_2._sn__key1
  WHERE
    missed._sn_amount__level0_place < ages_2._sn__first
), tails AS (
  SELECT
    _sn__key1,
    _sn_amount__level0_age,
    QUANTILE_CONT(_sn_amount__miss, 0.98e0) AS _sn_amount__tail,
    COUNT(_sn_amount__miss) AS _sn_amount__misses,
    QUANTILE_CONT(_sn_items__miss, 0.98e0) AS _sn_items__tail,
    COUNT(_sn_items__miss) AS _sn_items__misses
  FROM so_far
  WHERE
    _sn__fitted = 1
  GROUP BY
    _sn__key1,
    _sn_amount__level0_age
), spreads AS (
  SELECT
    missed.*,
    tails._sn_amount__tail,
    tails._sn_amount__misses,
    tails._sn_items__tail,
    tails._sn_items__misses,
    LEAST(COALESCE(missed._sn_amount__values, 0), COALESCE(tails._sn_amount__misses, 0)) AS _sn_amount__n,
    GREATEST(
      COALESCE(missed._sn_amount__mad / NULLIF(0.6744897501960817e0, 0.0e0), 0.0e0),
      COALESCE(tails._sn_amount__tail / NULLIF(2.3263478740408408e0, 0.0e0), 0.0e0)
    ) AS _sn_amount__wide,
    LEAST(
      COALESCE(missed._sn_amount__mad / NULLIF(0.6744897501960817e0, 0.0e0), 0.0e0),
      COALESCE(tails._sn_amount__tail / NULLIF(2.3263478740408408e0, 0.0e0), 0.0e0)
    ) AS _sn_amount__narrow,
    LEAST(COALESCE(missed._sn_items__values, 0), COALESCE(tails._sn_items__misses, 0)) AS _sn_items__n,
    GREATEST(
      COALESCE(missed._sn_items__mad / NULLIF(0.6744897501960817e0, 0.0e0), 0.0e0),
      COALESCE(tails._sn_items__tail / NULLIF(2.3263478740408408e0, 0.0e0), 0.0e0)
    ) AS _sn_items__wide,
    LEAST(
      COALESCE(missed._sn_items__mad / NULLIF(0.6744897501960817e0, 0.0e0), 0.0e0),
      COALESCE(tails._sn_items__tail / NULLIF(2.3263478740408408e0, 0.0e0), 0.0e0)
    ) AS _sn_items__narrow
  FROM missed
  LEFT JOIN tails
    ON missed._sn__key1 IS NOT DISTINCT FROM tails._sn__key1
    AND missed._sn_amount__level0_age IS NOT DISTINCT FROM tails._sn_amount__level0_age
), ratios AS (
  SELECT
    *,
    COALESCE(_sn_amount__narrow / NULLIF(_sn_amount__wide, 0.0e0), 0.0e0) AS _sn_amount__ratio,
    COALESCE(_sn_items__narrow / NULLIF(_sn_items__wide, 0.0e0), 0.0e0) AS _sn_items__ratio
  FROM spreads
), model AS (
  SELECT
    *,
    CASE
      WHEN _sn_amount__wide > 1e-150
      THEN _sn_amount__wide * SQRT(
        0.5e0 * (
          1.0e0 + CASE
            WHEN _sn_amount__ratio > 1e-10
            THEN _sn_amount__ratio * _sn_amount__ratio
            ELSE 0.0e0
          END
        )
      )
      ELSE 0.0e0
    END AS _sn_amount__scale,
    CASE
      WHEN _sn_items__wide > 1e-150
      THEN _sn_items__wide * SQRT(
        0.5e0 * (
          1.0e0 + CASE
            WHEN _sn_items__ratio > 1e-10
            THEN _sn_items__ratio * _sn_items__ratio
            ELSE 0.0e0
          END
        )
      )
      ELSE 0.0e0
    END AS _sn_items__scale
  FROM ratios
), terms AS (
  SELECT
    *,
    CASE
      WHEN _sn_amount__n >= 5
      THEN CASE
        WHEN _sn_amount__scale > 0.0e0
        THEN ABS(_sn_amount - _sn_amount__centre) / NULLIF(_sn_amount__scale, 0.0e0)
        WHEN _sn_amount = _sn_amount__centre
        THEN 0.0e0
      END
    END AS _sn_amount__term,
    CASE
      WHEN _sn_items__n >= 5
      THEN CASE
        WHEN _sn_items__scale > 0.0e0
        THEN ABS(_sn_items - _sn_items__centre) / NULLIF(_sn_items__scale, 0.0e0)
        WHEN _sn_items = _sn_items__centre
        THEN 0.0e0
      END
    END AS _sn_items__term
  FROM model
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
