-- SELECT id, store,
--        anomaly_score(amount, items, detector => 'page_hinkley', min_rows => 10) OVER (PARTITION BY store ORDER BY day) AS score,
--        is_anomaly(amount, items, detector => 'page_hinkley', min_rows => 10) OVER (PARTITION BY store ORDER BY day) AS alert,
--        anomaly_reason(amount, items, detector => 'page_hinkley', min_rows => 10) OVER (PARTITION BY store ORDER BY day) AS reason,
--        anomaly_status(amount, items, detector => 'page_hinkley', min_rows => 10) OVER (PARTITION BY store ORDER BY day) AS status
-- FROM orders
-- ORDER BY id
/* sqlnomaly 0.1.0: page_hinkley(amount, items); direction = both, delta = 0.1, min_rows = 10 */
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
      ORDER BY _sn__order1 ASC, CASE WHEN _sn_amount IS NULL THEN 1 ELSE 0 END, COALESCE(_sn_amount, CAST(0.0e0 AS DOUBLE)), CASE WHEN _sn_items IS NULL THEN 1 ELSE 0 END, COALESCE(_sn_items, CAST(0.0e0 AS DOUBLE)), _sn__fitted DESC
    ) AS _sn_amount__place
  FROM source
), found AS (
  SELECT
    *,
    RANK() OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
      ORDER BY _sn__order1 ASC
    ) AS _sn_amount__found_peers,
    COUNT(CASE WHEN _sn__fitted = 1 THEN _sn_amount END) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
      ORDER BY _sn_amount__place
      ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS _sn_amount__count_found,
    AVG(CASE WHEN _sn__fitted = 1 THEN _sn_amount END) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
      ORDER BY _sn_amount__place
      ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS _sn_amount__mean_found,
    (
      POWER(
        STDDEV_POP(CASE WHEN _sn__fitted = 1 THEN _sn_amount END) OVER (
          PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
          ORDER BY _sn_amount__place
          ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ),
        2
      )
    ) AS _sn_amount__variance_found,
    MIN(CASE WHEN _sn__fitted = 1 THEN _sn_amount END) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
      ORDER BY _sn_amount__place
      ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS _sn_amount__low_found,
    MAX(CASE WHEN _sn__fitted = 1 THEN _sn_amount END) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
      ORDER BY _sn_amount__place
      ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS _sn_amount__high_found,
    COUNT(CASE WHEN _sn__fitted = 1 THEN _sn_items END) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
      ORDER BY _sn_amount__place
      ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS _sn_items__count_found,
    AVG(CASE WHEN _sn__fitted = 1 THEN _sn_items END) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
      ORDER BY _sn_amount__place
      ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS _sn_items__mean_found,
    (
      POWER(
        STDDEV_POP(CASE WHEN _sn__fitted = 1 THEN _sn_items END) OVER (
          PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
          ORDER BY _sn_amount__place
          ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ),
        2
      )
    ) AS _sn_items__variance_found,
    MIN(CASE WHEN _sn__fitted = 1 THEN _sn_items END) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
      ORDER BY _sn_amount__place
      ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS _sn_items__low_found,
    MAX(CASE WHEN _sn__fitted = 1 THEN _sn_items END) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
      ORDER BY _sn_amount__place
      ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS _sn_items__high_found
  FROM numbered
), earlier AS (
  SELECT
    *,
    FIRST_VALUE(_sn_amount__count_found) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_amount__found_peers
      ORDER BY _sn_amount__place
    ) AS _sn_amount__count_earlier,
    FIRST_VALUE(_sn_amount__mean_found) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_amount__found_peers
      ORDER BY _sn_amount__place
    ) AS _sn_amount__mean_earlier,
    FIRST_VALUE(_sn_amount__variance_found) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_amount__found_peers
      ORDER BY _sn_amount__place
    ) AS _sn_amount__variance_earlier,
    FIRST_VALUE(_sn_amount__low_found) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_amount__found_peers
      ORDER BY _sn_amount__place
    ) AS _sn_amount__low_earlier,
    FIRST_VALUE(_sn_amount__high_found) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_amount__found_peers
      ORDER BY _sn_amount__place
    ) AS _sn_amount__high_earlier,
    FIRST_VALUE(_sn_items__count_found) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_amount__found_peers
      ORDER BY _sn_amount__place
    ) AS _sn_items__count_earlier,
    FIRST_VALUE(_sn_items__mean_found) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_amount__found_peers
      ORDER BY _sn_amount__place
    ) AS _sn_items__mean_earlier,
    FIRST_VALUE(_sn_items__variance_found) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_amount__found_peers
      ORDER BY _sn_amount__place
    ) AS _sn_items__variance_earlier,
    FIRST_VALUE(_sn_items__low_found) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_amount__found_peers
      ORDER BY _sn_amount__place
    ) AS _sn_items__low_earlier,
    FIRST_VALUE(_sn_items__high_found) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_amount__found_peers
      ORDER BY _sn_amount__place
    ) AS _sn_items__high_earlier
  FROM found
), model AS (
  SELECT
    *,
    COALESCE(_sn_amount__count_earlier, 0) AS _sn_amount__n,
    CASE
      WHEN _sn_amount__low_earlier = _sn_amount__high_earlier
      THEN _sn_amount__low_earlier
      ELSE _sn_amount__mean_earlier
    END AS _sn_amount__centre,
    CASE
      WHEN _sn_amount__low_earlier < _sn_amount__high_earlier
      AND _sn_amount__variance_earlier > 1e-300
      THEN SQRT(
        _sn_amount__variance_earlier * (
          CAST(_sn_amount__count_earlier AS DOUBLE) / NULLIF(CAST(_sn_amount__count_earlier - 1 AS DOUBLE), 0.0e0)
        )
      )
      ELSE CAST(0.0e0 AS DOUBLE)
    END AS _sn_amount__scale,
    COALESCE(_sn_items__count_earlier, 0) AS _sn_items__n,
    CASE
      WHEN _sn_items__low_earlier = _sn_items__high_earlier
      THEN _sn_items__low_earlier
      ELSE _sn_items__mean_earlier
    END AS _sn_items__centre,
    CASE
      WHEN _sn_items__low_earlier < _sn_items__high_earlier
      AND _sn_items__variance_earlier > 1e-300
      THEN SQRT(
        _sn_items__variance_earlier * (
          CAST(_sn_items__count_earlier AS DOUBLE) / NULLIF(CAST(_sn_items__count_earlier - 1 AS DOUBLE), 0.0e0)
        )
      )
      ELSE CAST(0.0e0 AS DOUBLE)
    END AS _sn_items__scale
  FROM earlier
), distances AS (
  SELECT
    *,
    CASE
      WHEN _sn_amount__scale > 0.0e0
      THEN (
        _sn_amount - _sn_amount__centre
      ) / NULLIF(_sn_amount__scale, 0.0e0)
      WHEN _sn_amount = _sn_amount__centre
      THEN CAST(0.0e0 AS DOUBLE)
    END AS _sn_amount__away,
    CASE
      WHEN _sn_items__scale > 0.0e0
      THEN (
        _sn_items - _sn_items__centre
      ) / NULLIF(_sn_items__scale, 0.0e0)
      WHEN _sn_items = _sn_items__centre
      THEN CAST(0.0e0 AS DOUBLE)
    END AS _sn_items__away
  FROM model
), steps AS (
  SELECT
    *,
    CASE
      WHEN _sn_amount__away > 5.0e0
      THEN CAST(5.0e0 AS DOUBLE)
      WHEN _sn_amount__away < -CAST(5.0e0 AS DOUBLE)
      THEN -CAST(5.0e0 AS DOUBLE)
      ELSE _sn_amount__away
    END AS _sn_amount__step,
    CASE
      WHEN _sn_items__away > 5.0e0
      THEN CAST(5.0e0 AS DOUBLE)
      WHEN _sn_items__away < -CAST(5.0e0 AS DOUBLE)
      THEN -CAST(5.0e0 AS DOUBLE)
      ELSE _sn_items__away
    END AS _sn_items__step
  FROM distances
), sums AS (
  SELECT
    *,
    COALESCE(
      SUM(
        CASE
          WHEN _sn__fitted = 1
          THEN _sn_amount__step - CAST(CAST(0.1e0 AS DOUBLE) AS DOUBLE)
        END
      ) OVER (
        PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
        ORDER BY _sn_amount__place
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
      ),
      CAST(0.0e0 AS DOUBLE)
    ) AS _sn_amount__up_sum,
    COALESCE(
      SUM(
        CASE
          WHEN _sn__fitted = 1
          THEN (
            -_sn_amount__step
          ) - CAST(CAST(0.1e0 AS DOUBLE) AS DOUBLE)
        END
      ) OVER (
        PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
        ORDER BY _sn_amount__place
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
      ),
      CAST(0.0e0 AS DOUBLE)
    ) AS _sn_amount__down_sum,
    COALESCE(
      SUM(
        CASE
          WHEN _sn__fitted = 1
          THEN _sn_items__step - CAST(CAST(0.1e0 AS DOUBLE) AS DOUBLE)
        END
      ) OVER (
        PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
        ORDER BY _sn_amount__place
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
      ),
      CAST(0.0e0 AS DOUBLE)
    ) AS _sn_items__up_sum,
    COALESCE(
      SUM(
        CASE
          WHEN _sn__fitted = 1
          THEN (
            -_sn_items__step
          ) - CAST(CAST(0.1e0 AS DOUBLE) AS DOUBLE)
        END
      ) OVER (
        PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
        ORDER BY _sn_amount__place
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
      ),
      CAST(0.0e0 AS DOUBLE)
    ) AS _sn_items__down_sum
  FROM steps
), risen AS (
  SELECT
    *,
    RANK() OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
      ORDER BY _sn__order1 ASC
    ) AS _sn_amount__risen_peers,
    _sn_amount__up_sum - MIN(_sn_amount__up_sum) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
      ORDER BY _sn_amount__place
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS _sn_amount__up_found,
    _sn_amount__down_sum - MIN(_sn_amount__down_sum) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
      ORDER BY _sn_amount__place
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS _sn_amount__down_found,
    _sn_items__up_sum - MIN(_sn_items__up_sum) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
      ORDER BY _sn_amount__place
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS _sn_items__up_found,
    _sn_items__down_sum - MIN(_sn_items__down_sum) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
      ORDER BY _sn_amount__place
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS _sn_items__down_found
  FROM sums
), earlier_2 AS (
  SELECT
    *,
    FIRST_VALUE(_sn_amount__up_found) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_amount__risen_peers
      ORDER BY _sn_amount__place
    ) AS _sn_amount__up_earlier,
    FIRST_VALUE(_sn_amount__down_found) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_amount__risen_peers
      ORDER BY _sn_amount__place
    ) AS _sn_amount__down_earlier,
    FIRST_VALUE(_sn_items__up_found) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_amount__risen_peers
      ORDER BY _sn_amount__place
    ) AS _sn_items__up_earlier,
    FIRST_VALUE(_sn_items__down_found) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_amount__risen_peers
      ORDER BY _sn_amount__place
    ) AS _sn_items__down_earlier
  FROM risen
), terms AS (
  SELECT
    *,
    CASE
      WHEN _sn_amount__n >= 10
      THEN CASE
        WHEN NOT _sn_amount__step IS NULL
        THEN GREATEST(
          CAST(0.0e0 AS DOUBLE),
          _sn_amount__up_earlier + (
            _sn_amount__step - CAST(0.1e0 AS DOUBLE)
          ),
          _sn_amount__down_earlier - (
            _sn_amount__step + CAST(0.1e0 AS DOUBLE)
          )
        )
      END
    END AS _sn_amount__term,
    CASE
      WHEN _sn_items__n >= 10
      THEN CASE
        WHEN NOT _sn_items__step IS NULL
        THEN GREATEST(
          CAST(0.0e0 AS DOUBLE),
          _sn_items__up_earlier + (
            _sn_items__step - CAST(0.1e0 AS DOUBLE)
          ),
          _sn_items__down_earlier - (
            _sn_items__step + CAST(0.1e0 AS DOUBLE)
          )
        )
      END
    END AS _sn_items__term
  FROM earlier_2
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
  _sn__score > 50.00000005e0 AS alert,
  CASE
    WHEN _sn__score IS NULL
    THEN NULL
    WHEN _sn_amount__term >= _sn__score - (
      CAST(1e-09 AS DOUBLE) * GREATEST(CAST(1.0e0 AS DOUBLE), ABS(_sn__score))
    )
    THEN 'amount'
    WHEN _sn_items__term >= _sn__score - (
      CAST(1e-09 AS DOUBLE) * GREATEST(CAST(1.0e0 AS DOUBLE), ABS(_sn__score))
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
    WHEN _sn__score IS NULL
    OR (
      _sn_amount__scale = 0.0e0 AND _sn_items__scale = 0.0e0
    )
    THEN 'constant_baseline'
    ELSE 'ok'
  END AS status
FROM scored
ORDER BY
  id
