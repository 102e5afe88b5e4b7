-- SELECT id, store,
--        anomaly_score(amount, items, detector => 'flatline') OVER (PARTITION BY store ORDER BY day) AS score,
--        is_anomaly(amount, items, detector => 'flatline') OVER (PARTITION BY store ORDER BY day) AS alert,
--        anomaly_reason(amount, items, detector => 'flatline') OVER (PARTITION BY store ORDER BY day) AS reason,
--        anomaly_status(amount, items, detector => 'flatline') OVER (PARTITION BY store ORDER BY day) AS status
-- FROM orders
-- ORDER BY id
/* sqlnomaly 0.1.0: flatline(amount, items); epsilon = 0.0, min_rows = 10 */
WITH source AS (
  SELECT
    id,
    store,
    CASE WHEN ABS(amount) <= 1e+150 THEN amount END AS _sn_amount,
    amount AS _sn_amount__raw,
    CAST(items AS DOUBLE) AS _sn_items,
    store AS _sn__key1,
    day AS _sn__order1,
    CASE WHEN NOT day IS NULL THEN 1 ELSE 0 END AS _sn__fitted
  FROM orders
), numbered AS (
  SELECT
    *,
    ROW_NUMBER() OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
      ORDER BY _sn__order1 ASC, CASE WHEN _sn_amount IS NULL THEN 1 ELSE 0 END, COALESCE(_sn_amount, 0.0e0), CASE WHEN _sn_items IS NULL THEN 1 ELSE 0 END, COALESCE(_sn_items, 0.0e0), _sn__fitted DESC
    ) AS _sn_amount__place
  FROM source
), counts AS (
  SELECT
    *,
    COUNT(CASE WHEN _sn__fitted = 1 THEN _sn_amount END) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
      ORDER BY _sn_amount__place
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS _sn_amount__known,
    COUNT(CASE WHEN _sn__fitted = 1 THEN _sn_items END) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
      ORDER BY _sn_amount__place
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS _sn_items__known
  FROM numbered
), held AS (
  SELECT
    *,
    MAX(CASE WHEN _sn__fitted = 1 THEN _sn_amount END) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_amount__known
    ) AS _sn_amount__last,
    MAX(CASE WHEN _sn__fitted = 1 THEN _sn_items END) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_items__known
    ) AS _sn_items__last
  FROM counts
), lagged AS (
  SELECT
    *,
    LAG(_sn_amount__last) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
      ORDER BY _sn_amount__place
    ) AS _sn_amount__before,
    LAG(_sn_items__last) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
      ORDER BY _sn_amount__place
    ) AS _sn_items__before
  FROM held
), changes AS (
  SELECT
    *,
    CASE
      WHEN _sn__fitted = 1
      AND NOT _sn_amount IS NULL
      AND ABS(_sn_amount - _sn_amount__before) <= 0.0e0
      THEN 1
      ELSE 0
    END AS _sn_amount__again,
    CASE
      WHEN _sn__fitted = 1
      AND NOT _sn_amount IS NULL
      AND ABS(_sn_amount - _sn_amount__before) <= 0.0e0
      THEN 0
      WHEN _sn__fitted = 1 AND NOT _sn_amount IS NULL
      THEN 1
      ELSE 0
    END AS _sn_amount__change,
    CASE
      WHEN _sn__fitted = 1
      AND NOT _sn_items IS NULL
      AND ABS(_sn_items - _sn_items__before) <= 0.0e0
      THEN 1
      ELSE 0
    END AS _sn_items__again,
    CASE
      WHEN _sn__fitted = 1
      AND NOT _sn_items IS NULL
      AND ABS(_sn_items - _sn_items__before) <= 0.0e0
      THEN 0
      WHEN _sn__fitted = 1 AND NOT _sn_items IS NULL
      THEN 1
      ELSE 0
    END AS _sn_items__change
  FROM lagged
), runs AS (
  SELECT
    *,
    SUM(_sn_amount__change) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
      ORDER BY _sn_amount__place
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS _sn_amount__run,
    SUM(_sn_amount__again) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
      ORDER BY _sn_amount__place
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS _sn_amount__repeated,
    SUM(_sn_items__change) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
      ORDER BY _sn_amount__place
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS _sn_items__run,
    SUM(_sn_items__again) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
      ORDER BY _sn_amount__place
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS _sn_items__repeated
  FROM changes
), starts AS (
  SELECT
    *,
    MIN(_sn_amount__known) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_amount__run
    ) AS _sn_amount__start,
    MIN(_sn_amount__repeated) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_amount__run
    ) AS _sn_amount__start_repeated,
    MIN(_sn_items__known) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_items__run
    ) AS _sn_items__start,
    MIN(_sn_items__repeated) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_items__run
    ) AS _sn_items__start_repeated
  FROM runs
), found AS (
  SELECT
    *,
    RANK() OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
      ORDER BY _sn__order1 ASC
    ) AS _sn_amount__found_peers,
    _sn_amount__before AS _sn_amount__before_found,
    LAG(_sn_amount__known) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
      ORDER BY _sn_amount__place
    ) AS _sn_amount__known_found,
    LAG(_sn_amount__repeated) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
      ORDER BY _sn_amount__place
    ) AS _sn_amount__repeated_found,
    LAG(_sn_amount__start) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
      ORDER BY _sn_amount__place
    ) AS _sn_amount__start_found,
    LAG(_sn_amount__start_repeated) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
      ORDER BY _sn_amount__place
    ) AS _sn_amount__start_repeated_found,
    _sn_items__before AS _sn_items__before_found,
    LAG(_sn_items__known) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
      ORDER BY _sn_amount__place
    ) AS _sn_items__known_found,
    LAG(_sn_items__repeated) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
      ORDER BY _sn_amount__place
    ) AS _sn_items__repeated_found,
    LAG(_sn_items__start) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
      ORDER BY _sn_amount__place
    ) AS _sn_items__start_found,
    LAG(_sn_items__start_repeated) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
      ORDER BY _sn_amount__place
    ) AS _sn_items__start_repeated_found
  FROM starts
), earlier AS (
  SELECT
    *,
    FIRST_VALUE(_sn_amount__before_found) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_amount__found_peers
      ORDER BY _sn_amount__place
    ) AS _sn_amount__before_earlier,
    FIRST_VALUE(_sn_amount__known_found) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_amount__found_peers
      ORDER BY _sn_amount__place
    ) AS _sn_amount__known_earlier,
    FIRST_VALUE(_sn_amount__repeated_found) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_amount__found_peers
      ORDER BY _sn_amount__place
    ) AS _sn_amount__repeated_earlier,
    FIRST_VALUE(_sn_amount__start_found) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_amount__found_peers
      ORDER BY _sn_amount__place
    ) AS _sn_amount__start_earlier,
    FIRST_VALUE(_sn_amount__start_repeated_found) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_amount__found_peers
      ORDER BY _sn_amount__place
    ) AS _sn_amount__start_repeated_earlier,
    FIRST_VALUE(_sn_items__before_found) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_amount__found_peers
      ORDER BY _sn_amount__place
    ) AS _sn_items__before_earlier,
    FIRST_VALUE(_sn_items__known_found) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_amount__found_peers
      ORDER BY _sn_amount__place
    ) AS _sn_items__known_earlier,
    FIRST_VALUE(_sn_items__repeated_found) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_amount__found_peers
      ORDER BY _sn_amount__place
    ) AS _sn_items__repeated_earlier,
    FIRST_VALUE(_sn_items__start_found) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_amount__found_peers
      ORDER BY _sn_amount__place
    ) AS _sn_items__start_earlier,
    FIRST_VALUE(_sn_items__start_repeated_found) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_amount__found_peers
      ORDER BY _sn_amount__place
    ) AS _sn_items__start_repeated_earlier
  FROM found
), model AS (
  SELECT
    *,
    CASE
      WHEN ABS(_sn_amount - _sn_amount__before_earlier) <= 0.0e0
      THEN _sn_amount__start_earlier - 1
      ELSE COALESCE(_sn_amount__known_earlier, 0)
    END AS _sn_amount__n,
    CASE
      WHEN ABS(_sn_amount - _sn_amount__before_earlier) <= 0.0e0
      THEN (
        _sn_amount__repeated_earlier - _sn_amount__start_repeated_earlier
      ) + 1
      ELSE 0
    END AS _sn_amount__repeats,
    CASE
      WHEN ABS(_sn_amount - _sn_amount__before_earlier) <= 0.0e0
      THEN _sn_amount__start_repeated_earlier
      ELSE _sn_amount__repeated_earlier
    END AS _sn_amount__usual,
    1.0e0 AS _sn_amount__scale,
    CASE
      WHEN ABS(_sn_items - _sn_items__before_earlier) <= 0.0e0
      THEN _sn_items__start_earlier - 1
      ELSE COALESCE(_sn_items__known_earlier, 0)
    END AS _sn_items__n,
    CASE
      WHEN ABS(_sn_items - _sn_items__before_earlier) <= 0.0e0
      THEN (
        _sn_items__repeated_earlier - _sn_items__start_repeated_earlier
      ) + 1
      ELSE 0
    END AS _sn_items__repeats,
    CASE
      WHEN ABS(_sn_items - _sn_items__before_earlier) <= 0.0e0
      THEN _sn_items__start_repeated_earlier
      ELSE _sn_items__repeated_earlier
    END AS _sn_items__usual,
    1.0e0 AS _sn_items__scale
  FROM earlier
), terms AS (
  SELECT
    *,
    CASE
      WHEN _sn_amount__n >= 10
      THEN CASE
        WHEN NOT _sn_amount IS NULL
        THEN CAST(_sn_amount__repeats AS DOUBLE) * (
          LN(
            (
              CAST(_sn_amount__n AS DOUBLE) + 2.0e0
            ) / NULLIF(CAST(_sn_amount__usual AS DOUBLE) + 1.0e0, 0.0e0)
          ) * 0.43429448190325176e0
        )
      END
    END AS _sn_amount__term,
    CASE
      WHEN _sn_items__n >= 10
      THEN CASE
        WHEN NOT _sn_items IS NULL
        THEN CAST(_sn_items__repeats AS DOUBLE) * (
          LN(
            (
              CAST(_sn_items__n AS DOUBLE) + 2.0e0
            ) / NULLIF(CAST(_sn_items__usual AS DOUBLE) + 1.0e0, 0.0e0)
          ) * 0.43429448190325176e0
        )
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
  store,
  _sn__score AS score,
  _sn__score > 6.000000006e0 AS alert,
  CASE
    WHEN _sn__score IS NULL
    THEN NULL
    WHEN _sn_amount__term >= _sn__score - (
      1e-09 * GREATEST(1.0e0, ABS(_sn__score))
    )
    THEN 'amount'
    WHEN _sn_items__term >= _sn__score - (
      1e-09 * GREATEST(1.0e0, ABS(_sn__score))
    )
    THEN 'items'
  END AS reason,
  CASE
    WHEN _sn__order1 IS NULL OR _sn_amount__raw IS NULL OR _sn_items IS NULL
    THEN 'missing_value'
    WHEN _sn_amount IS NULL OR _sn_items IS NULL
    THEN 'out_of_range'
    WHEN COALESCE(_sn_amount__n, 0) < 10 OR COALESCE(_sn_items__n, 0) < 10
    THEN 'warm_up'
    WHEN _sn__score IS NULL OR (
      FALSE AND FALSE
    )
    THEN 'constant_baseline'
    ELSE 'ok'
  END AS status
FROM scored
ORDER BY
  id NULLS LAST
