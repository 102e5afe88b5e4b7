-- SELECT id, anomaly_score(amount, detector => 'ewma', min_rows => 5) OVER (PARTITION BY store ORDER BY day) AS score,
--        anomaly_status(amount, detector => 'ewma', min_rows => 5) OVER (PARTITION BY store ORDER BY day) AS status
-- FROM orders
/* sqlnomaly 0.1.0: ewma(amount); alpha = 0.2, direction = both, min_rows = 5 */
WITH source AS (
  SELECT
    id,
    CASE WHEN ABS(amount) <= 1e+150 THEN amount END AS _sn_amount,
    amount AS _sn_amount__raw,
    store AS _sn__key1,
    day AS _sn__order1,
    CASE WHEN NOT day IS NULL THEN 1 ELSE 0 END AS _sn__fitted
  FROM orders
), numbered AS (
  SELECT
    *,
    ROW_NUMBER() OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
      ORDER BY _sn__order1 ASC, CASE WHEN _sn_amount IS NULL THEN 1 ELSE 0 END, COALESCE(_sn_amount, 0.0e0), _sn__fitted DESC
    ) AS _sn_amount__place
  FROM source
), blocks AS (
  SELECT
    *,
    CAST(FLOOR(CAST((
      _sn_amount__place - 1
    ) AS DOUBLE) / NULLIF(310.0e0, 0.0e0)) AS BIGINT) AS _sn_amount__block
  FROM numbered
), weights AS (
  SELECT
    *,
    POWER(0.8e0, (
      (
        _sn_amount__block + 1.0e0
      ) * 310.0e0
    ) - _sn_amount__place) AS _sn_amount__back
  FROM blocks
), sums AS (
  SELECT
    *,
    COALESCE(
      SUM(
        CASE
          WHEN _sn__fitted = 1 AND NOT _sn_amount IS NULL
          THEN _sn_amount__back * _sn_amount
        END
      ) OVER (
        PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_amount__block
        ORDER BY _sn_amount__place
        ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
      ),
      0.0e0
    ) AS _sn_amount__sum,
    COALESCE(
      SUM(CASE WHEN _sn__fitted = 1 AND NOT _sn_amount IS NULL THEN _sn_amount__back END) OVER (
        PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_amount__block
        ORDER BY _sn_amount__place
        ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
      ),
      0.0e0
    ) AS _sn_amount__mass
  FROM weights
), ends AS (
  SELECT
    *,
    LAG(_sn_amount__sum) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
      ORDER BY _sn_amount__place
    ) AS _sn_amount__sum_last,
    LAG(_sn_amount__mass) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
      ORDER BY _sn_amount__place
    ) AS _sn_amount__mass_last
  FROM sums
), carried AS (
  SELECT
    *,
    FIRST_VALUE(_sn_amount__sum_last) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_amount__block
      ORDER BY _sn_amount__place
    ) AS _sn_amount__sum_before,
    FIRST_VALUE(_sn_amount__mass_last) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_amount__block
      ORDER BY _sn_amount__place
    ) AS _sn_amount__mass_before
  FROM ends
), faded AS (
  SELECT
    *,
    _sn_amount__sum + (
      9.0760309355335e-31 * COALESCE(_sn_amount__sum_before, 0.0e0)
    ) AS _sn_amount__sum_all,
    _sn_amount__mass + (
      9.0760309355335e-31 * COALESCE(_sn_amount__mass_before, 0.0e0)
    ) AS _sn_amount__mass_all
  FROM carried
), levels AS (
  SELECT
    *,
    CAST(_sn_amount__sum_all AS DOUBLE) / NULLIF(_sn_amount__mass_all, 0.0e0) AS _sn_amount__level
  FROM faded
), lagged AS (
  SELECT
    *,
    LAG(_sn_amount__level) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
      ORDER BY _sn_amount__place
    ) AS _sn_amount__level_old,
    LAG(CAST(_sn_amount__mass_all AS DOUBLE) / NULLIF(_sn_amount__back, 0.0e0)) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
      ORDER BY _sn_amount__place
    ) AS _sn_amount__mass_old
  FROM levels
), sums_2 AS (
  SELECT
    *,
    COALESCE(
      SUM(
        CASE
          WHEN _sn__fitted = 1 AND NOT _sn_amount IS NULL
          THEN (
            _sn_amount__back * (
              CAST((
                (
                  0.8e0 * _sn_amount__mass_old
                ) * _sn_amount__back
              ) AS DOUBLE) / NULLIF(_sn_amount__mass_all, 0.0e0)
            )
          ) * (
            (
              _sn_amount - _sn_amount__level_old
            ) * (
              _sn_amount - _sn_amount__level_old
            )
          )
        END
      ) OVER (
        PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_amount__block
        ORDER BY _sn_amount__place
        ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
      ),
      0.0e0
    ) AS _sn_amount__gain,
    COALESCE(
      SUM(
        CASE
          WHEN _sn__fitted = 1 AND NOT _sn_amount IS NULL
          THEN 2.0e0 * (
            (
              0.8e0 * _sn_amount__mass_old
            ) * (
              _sn_amount__back * _sn_amount__back
            )
          )
        END
      ) OVER (
        PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_amount__block
        ORDER BY _sn_amount__place
        ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
      ),
      0.0e0
    ) AS _sn_amount__pairs
  FROM lagged
), ends_2 AS (
  SELECT
    *,
    LAG(_sn_amount__gain) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
      ORDER BY _sn_amount__place
    ) AS _sn_amount__gain_last,
    LAG(_sn_amount__pairs) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
      ORDER BY _sn_amount__place
    ) AS _sn_amount__pairs_last
  FROM sums_2
), carried_2 AS (
  SELECT
    *,
    FIRST_VALUE(_sn_amount__gain_last) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_amount__block
      ORDER BY _sn_amount__place
    ) AS _sn_amount__gain_before,
    FIRST_VALUE(_sn_amount__pairs_last) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_amount__block
      ORDER BY _sn_amount__place
    ) AS _sn_amount__pairs_before
  FROM ends_2
), faded_2 AS (
  SELECT
    *,
    _sn_amount__gain + (
      9.0760309355335e-31 * COALESCE(_sn_amount__gain_before, 0.0e0)
    ) AS _sn_amount__gain_all,
    _sn_amount__pairs + (
      8.23743375427611e-61 * COALESCE(_sn_amount__pairs_before, 0.0e0)
    ) AS _sn_amount__pairs_all
  FROM carried_2
), state AS (
  SELECT
    *,
    (
      CAST(_sn_amount__gain_all AS DOUBLE) / NULLIF(_sn_amount__mass_all, 0.0e0)
    ) * (
      CAST((
        _sn_amount__mass_all * _sn_amount__mass_all
      ) AS DOUBLE) / NULLIF(_sn_amount__pairs_all, 0.0e0)
    ) AS _sn_amount__variance,
    COUNT(CASE WHEN _sn__fitted = 1 AND NOT _sn_amount IS NULL THEN _sn_amount END) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
      ORDER BY _sn_amount__place
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS _sn_amount__count,
    MIN(CASE WHEN _sn__fitted = 1 AND NOT _sn_amount IS NULL THEN _sn_amount END) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
      ORDER BY _sn_amount__place
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS _sn_amount__low,
    MAX(CASE WHEN _sn__fitted = 1 AND NOT _sn_amount IS NULL THEN _sn_amount END) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
      ORDER BY _sn_amount__place
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS _sn_amount__high
  FROM faded_2
), found AS (
  SELECT
    *,
    RANK() OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
      ORDER BY _sn__order1 ASC
    ) AS _sn_amount__found_peers,
    LAG(_sn_amount__level) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
      ORDER BY _sn_amount__place
    ) AS _sn_amount__level_found,
    LAG(_sn_amount__variance) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
      ORDER BY _sn_amount__place
    ) AS _sn_amount__variance_found,
    LAG(_sn_amount__count) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
      ORDER BY _sn_amount__place
    ) AS _sn_amount__count_found,
    LAG(_sn_amount__low) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
      ORDER BY _sn_amount__place
    ) AS _sn_amount__low_found,
    LAG(_sn_amount__high) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
      ORDER BY _sn_amount__place
    ) AS _sn_amount__high_found
  FROM state
), earlier AS (
  SELECT
    *,
    FIRST_VALUE(_sn_amount__level_found) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_amount__found_peers
      ORDER BY _sn_amount__place
    ) AS _sn_amount__level_earlier,
    FIRST_VALUE(_sn_amount__variance_found) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_amount__found_peers
      ORDER BY _sn_amount__place
    ) AS _sn_amount__variance_earlier,
    FIRST_VALUE(_sn_amount__count_found) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_amount__found_peers
      ORDER BY _sn_amount__place
    ) AS _sn_amount__count_earlier,
    FIRST_VALUE(_sn_amount__low_found) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_amount__found_peers
      ORDER BY _sn_amount__place
    ) AS _sn_amount__low_earlier,
    FIRST_VALUE(_sn_amount__high_found) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_amount__found_peers
      ORDER BY _sn_amount__place
    ) AS _sn_amount__high_earlier
  FROM found
), model AS (
  SELECT
    *,
    COALESCE(_sn_amount__count_earlier, 0) AS _sn_amount__n,
    CASE
      WHEN _sn_amount__low_earlier = _sn_amount__high_earlier
      THEN _sn_amount__low_earlier
      ELSE _sn_amount__level_earlier
    END AS _sn_amount__centre,
    CASE
      WHEN _sn_amount__low_earlier < _sn_amount__high_earlier
      AND SQRT(
        CASE
          WHEN _sn_amount__variance_earlier >= 0.0e0
          THEN _sn_amount__variance_earlier
        END
      ) > GREATEST(1e-135, 1e-10 * (
        _sn_amount__high_earlier - _sn_amount__low_earlier
      ))
      THEN SQRT(
        CASE
          WHEN _sn_amount__variance_earlier >= 0.0e0
          THEN _sn_amount__variance_earlier
        END
      )
      ELSE 0.0e0
    END AS _sn_amount__scale
  FROM earlier
), terms AS (
  SELECT
    *,
    CASE
      WHEN _sn_amount__n >= 5
      THEN CASE
        WHEN _sn_amount__scale > 0.0e0
        THEN CAST(ABS(_sn_amount - _sn_amount__centre) AS DOUBLE) / NULLIF(_sn_amount__scale, 0.0e0)
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
  _sn__score AS score,
  CASE
    WHEN _sn__order1 IS NULL OR _sn_amount__raw IS NULL
    THEN 'missing_value'
    WHEN _sn_amount IS NULL
    THEN 'out_of_range'
    WHEN COALESCE(_sn_amount__n, 0) < 5
    THEN 'warm_up'
    WHEN _sn__score IS NULL OR _sn_amount__scale = 0.0e0
    THEN 'constant_baseline'
    ELSE 'ok'
  END AS status
FROM scored
