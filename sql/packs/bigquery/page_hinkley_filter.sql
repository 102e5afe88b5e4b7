-- SELECT id, anomaly_score(amount, items, detector => 'page_hinkley', min_rows => 10)
--              FILTER (WHERE NOT disputed) OVER (PARTITION BY store ORDER BY day) AS score
-- FROM orders
/* sqlnomaly 0.1.0: page_hinkley(amount, items); direction = both, delta = 0.1, min_rows = 10 */
WITH source AS (
  SELECT
    id,
    CASE WHEN ABS(amount) <= 1e+150 THEN amount END AS _sn_amount,
    CAST(items AS FLOAT64) AS _sn_items,
    store AS _sn__key1,
    day AS _sn__order1,
    CASE WHEN NOT disputed AND NOT day IS NULL THEN 1 ELSE 0 END AS _sn__fitted
  FROM orders
), numbered AS (
  SELECT
    *,
    ROW_NUMBER() OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
      ORDER BY _sn__order1 ASC, CASE WHEN _sn_amount IS NULL THEN 1 ELSE 0 END, COALESCE(_sn_amount, 0.0e0), CASE WHEN _sn_items IS NULL THEN 1 ELSE 0 END, COALESCE(_sn_items, 0.0e0), _sn__fitted DESC
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
    VAR_POP(CASE WHEN _sn__fitted = 1 THEN _sn_amount END) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
      ORDER BY _sn_amount__place
      ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
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
    VAR_POP(CASE WHEN _sn__fitted = 1 THEN _sn_items END) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
      ORDER BY _sn_amount__place
      ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
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
          CAST(_sn_amount__count_earlier AS FLOAT64) / NULLIF(CAST(_sn_amount__count_earlier - 1 AS FLOAT64), 0.0e0)
        )
      )
      ELSE 0.0e0
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
          CAST(_sn_items__count_earlier AS FLOAT64) / NULLIF(CAST(_sn_items__count_earlier - 1 AS FLOAT64), 0.0e0)
        )
      )
      ELSE 0.0e0
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
      THEN 0.0e0
    END AS _sn_amount__away,
    CASE
      WHEN _sn_items__scale > 0.0e0
      THEN (
        _sn_items - _sn_items__centre
      ) / NULLIF(_sn_items__scale, 0.0e0)
      WHEN _sn_items = _sn_items__centre
      THEN 0.0e0
    END AS _sn_items__away
  FROM model
), steps AS (
  SELECT
    *,
    CASE
      WHEN _sn_amount__away > 5.0e0
      THEN 5.0e0
      WHEN _sn_amount__away < -5.0e0
      THEN -5.0e0
      ELSE _sn_amount__away
    END AS _sn_amount__step,
    CASE
      WHEN _sn_items__away > 5.0e0
      THEN 5.0e0
      WHEN _sn_items__away < -5.0e0
      THEN -5.0e0
      ELSE _sn_items__away
    END AS _sn_items__step
  FROM distances
), sums AS (
  SELECT
    *,
    COALESCE(
      SUM(CASE WHEN _sn__fitted = 1 THEN _sn_amount__step - 0.1e0 END) OVER (
        PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
        ORDER BY _sn_amount__place
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
      ),
      0.0e0
    ) AS _sn_amount__up_sum,
    COALESCE(
      SUM(CASE WHEN _sn__fitted = 1 THEN (
        -_sn_amount__step
      ) - 0.1e0 END) OVER (
        PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
        ORDER BY _sn_amount__place
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
      ),
      0.0e0
    ) AS _sn_amount__down_sum,
    COALESCE(
      SUM(CASE WHEN _sn__fitted = 1 THEN _sn_items__step - 0.1e0 END) OVER (
        PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
        ORDER BY _sn_amount__place
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
      ),
      0.0e0
    ) AS _sn_items__up_sum,
    COALESCE(
      SUM(CASE WHEN _sn__fitted = 1 THEN (
        -_sn_items__step
      ) - 0.1e0 END) OVER (
        PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
        ORDER BY _sn_amount__place
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
      ),
      0.0e0
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
          0.0e0,
          _sn_amount__up_earlier + (
            _sn_amount__step - 0.1e0
          ),
          _sn_amount__down_earlier - (
            _sn_amount__step + 0.1e0
          )
        )
      END
    END AS _sn_amount__term,
    CASE
      WHEN _sn_items__n >= 10
      THEN CASE
        WHEN NOT _sn_items__step IS NULL
        THEN GREATEST(
          0.0e0,
          _sn_items__up_earlier + (
            _sn_items__step - 0.1e0
          ),
          _sn_items__down_earlier - (
            _sn_items__step + 0.1e0
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
  _sn__score AS score
FROM scored
