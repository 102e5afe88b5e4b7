-- SELECT id, store,
--        anomaly_score(day, detector => 'gap') OVER (PARTITION BY store ORDER BY day) AS score,
--        is_anomaly(day, detector => 'gap') OVER (PARTITION BY store ORDER BY day) AS alert,
--        anomaly_reason(day, detector => 'gap') OVER (PARTITION BY store ORDER BY day) AS reason,
--        anomaly_status(day, detector => 'gap') OVER (PARTITION BY store ORDER BY day) AS status
-- FROM orders
-- ORDER BY id
/* sqlnomaly 0.1.0: gap(day); direction = high, min_rows = 10 */
WITH source AS (
  SELECT
    id,
    store,
    DATEDIFF(DAY, CAST('1970-01-01' AS DATE), CAST(day AS DATE)) * 86400e0 AS _sn_day,
    store AS _sn__key1,
    day AS _sn__order1,
    CASE WHEN NOT day IS NULL THEN 1 ELSE 0 END AS _sn__fitted
  FROM orders
), numbered AS (
  SELECT
    *,
    ROW_NUMBER() OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
      ORDER BY _sn__order1 ASC, CASE WHEN _sn_day IS NULL THEN 1 ELSE 0 END, COALESCE(_sn_day, 0.0e0), _sn__fitted DESC
    ) AS _sn_day__place
  FROM source
), counts AS (
  SELECT
    *,
    COUNT(CASE WHEN _sn__fitted = 1 THEN _sn_day END) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
      ORDER BY _sn_day__place
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS _sn_day__known
  FROM numbered
), held AS (
  SELECT
    *,
    MAX(CASE WHEN _sn__fitted = 1 THEN _sn_day END) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_day__known
    ) AS _sn_day__last
  FROM counts
), lagged AS (
  SELECT
    *,
    LAG(_sn_day__last) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
      ORDER BY _sn_day__place
    ) AS _sn_day__before
  FROM held
), steps AS (
  SELECT
    *,
    CASE
      WHEN _sn__fitted = 1
      THEN LN(CASE WHEN _sn_day - _sn_day__before > 0.0e0 THEN _sn_day - _sn_day__before END)
    END AS _sn_day__step
  FROM lagged
), found AS (
  SELECT
    *,
    RANK() OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
      ORDER BY _sn__order1 ASC
    ) AS _sn_day__found_peers,
    _sn_day__before AS _sn_day__before_found,
    COUNT(_sn_day__step) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
      ORDER BY _sn_day__place
      ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS _sn_day__count_found,
    AVG(_sn_day__step) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
      ORDER BY _sn_day__place
      ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS _sn_day__mean_found,
    VAR_POP(_sn_day__step) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
      ORDER BY _sn_day__place
      ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS _sn_day__variance_found
  FROM steps
), earlier AS (
  SELECT
    *,
    FIRST_VALUE(_sn_day__before_found) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_day__found_peers
      ORDER BY _sn_day__place
    ) AS _sn_day__before_earlier,
    FIRST_VALUE(_sn_day__count_found) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_day__found_peers
      ORDER BY _sn_day__place
    ) AS _sn_day__count_earlier,
    FIRST_VALUE(_sn_day__mean_found) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_day__found_peers
      ORDER BY _sn_day__place
    ) AS _sn_day__mean_earlier,
    FIRST_VALUE(_sn_day__variance_found) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_day__found_peers
      ORDER BY _sn_day__place
    ) AS _sn_day__variance_earlier
  FROM found
), model AS (
  SELECT
    *,
    COALESCE(_sn_day__count_earlier, 0) AS _sn_day__n,
    _sn_day__mean_earlier AS _sn_day__typical,
    SQRT(
      COALESCE(
        (
          _sn_day__variance_earlier * CAST(_sn_day__count_earlier AS DOUBLE)
        ) / NULLIF(CAST(_sn_day__count_earlier AS DOUBLE) - 1.0e0, 0.0e0),
        0.0e0
      ) + 0.018266883765907273e0
    ) AS _sn_day__scale,
    _sn_day__before_earlier + EXP(CASE WHEN ABS(_sn_day__mean_earlier) <= 700.0e0 THEN _sn_day__mean_earlier END) AS _sn_day__centre
  FROM earlier
), terms AS (
  SELECT
    *,
    CASE
      WHEN _sn_day__n >= 10
      THEN CASE
        WHEN _sn_day > _sn_day__before_earlier
        THEN (
          LN(
            CASE
              WHEN _sn_day - _sn_day__before_earlier > 0.0e0
              THEN _sn_day - _sn_day__before_earlier
            END
          ) - _sn_day__typical
        ) / NULLIF(_sn_day__scale, 0.0e0)
        WHEN NOT _sn_day IS NULL
        THEN 0.0e0
      END
    END AS _sn_day__term
  FROM model
), scored AS (
  SELECT
    *,
    _sn_day__term AS _sn__score
  FROM terms
)
SELECT
  id,
  store,
  _sn__score AS score,
  _sn__score > 3.000000003e0 AS alert,
  CASE WHEN NOT _sn__score IS NULL THEN 'day' END AS reason,
  CASE
    WHEN _sn__order1 IS NULL OR _sn_day IS NULL
    THEN 'missing_value'
    WHEN COALESCE(_sn_day__n, 0) < 10
    THEN 'warm_up'
    WHEN _sn__score IS NULL OR FALSE
    THEN 'constant_baseline'
    ELSE 'ok'
  END AS status
FROM scored
ORDER BY
  id NULLS LAST
