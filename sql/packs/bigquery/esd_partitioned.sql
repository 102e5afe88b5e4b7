-- SELECT id, store,
--        anomaly_score(amount, items, detector => 'esd') OVER (PARTITION BY store) AS score,
--        is_anomaly(amount, items, detector => 'esd') OVER (PARTITION BY store) AS alert,
--        anomaly_reason(amount, items, detector => 'esd') OVER (PARTITION BY store) AS reason,
--        anomaly_status(amount, items, detector => 'esd') OVER (PARTITION BY store) AS status
-- FROM orders
-- ORDER BY id
/* sqlnomaly 0.1.0: esd(amount, items); max_outliers = 10, alpha = 0.05, direction = both, min_rows = 15 */
WITH source AS (
  SELECT
    id,
    store,
    CASE WHEN ABS(amount) <= 1e+150 THEN amount END AS _sn_amount,
    amount AS _sn_amount__raw,
    CAST(items AS FLOAT64) AS _sn_items,
    store AS _sn__key1
  FROM orders
), ranked AS (
  SELECT
    *,
    _sn_amount AS _sn_amount__x,
    ROW_NUMBER() OVER (PARTITION BY _sn__key1 ORDER BY COALESCE(_sn_amount, 1e+300)) AS _sn_amount__rank,
    COUNT(_sn_amount) OVER (PARTITION BY _sn__key1) AS _sn_amount__all,
    _sn_items AS _sn_items__x,
    ROW_NUMBER() OVER (PARTITION BY _sn__key1 ORDER BY COALESCE(_sn_items, 1e+300)) AS _sn_items__rank,
    COUNT(_sn_items) OVER (PARTITION BY _sn__key1) AS _sn_items__all
  FROM source
), placed AS (
  SELECT
    *,
    CASE
      WHEN NOT _sn_amount__x IS NULL
      AND _sn_amount__rank <= 10
      AND 2 * _sn_amount__rank < _sn_amount__all
      THEN _sn_amount__rank
    END AS _sn_amount__from_low,
    CASE
      WHEN NOT _sn_amount__x IS NULL
      AND (
        _sn_amount__all + 1
      ) - _sn_amount__rank <= 10
      AND 2 * (
        (
          _sn_amount__all + 1
        ) - _sn_amount__rank
      ) < _sn_amount__all
      THEN (
        _sn_amount__all + 1
      ) - _sn_amount__rank
    END AS _sn_amount__from_high,
    CASE
      WHEN NOT _sn_items__x IS NULL
      AND _sn_items__rank <= 10
      AND 2 * _sn_items__rank < _sn_items__all
      THEN _sn_items__rank
    END AS _sn_items__from_low,
    CASE
      WHEN NOT _sn_items__x IS NULL
      AND (
        _sn_items__all + 1
      ) - _sn_items__rank <= 10
      AND 2 * (
        (
          _sn_items__all + 1
        ) - _sn_items__rank
      ) < _sn_items__all
      THEN (
        _sn_items__all + 1
      ) - _sn_items__rank
    END AS _sn_items__from_high
  FROM ranked
), parted AS (
  SELECT
    *,
    CASE
      WHEN _sn_amount__from_low IS NULL AND _sn_amount__from_high IS NULL
      THEN _sn_amount__x
    END AS _sn_amount__core,
    CASE
      WHEN NOT (
        _sn_amount__from_low IS NULL AND _sn_amount__from_high IS NULL
      )
      OR _sn_amount__rank = 1
      THEN 1
      ELSE 0
    END AS _sn_amount__end,
    CASE
      WHEN _sn_items__from_low IS NULL AND _sn_items__from_high IS NULL
      THEN _sn_items__x
    END AS _sn_items__core,
    CASE
      WHEN NOT (
        _sn_items__from_low IS NULL AND _sn_items__from_high IS NULL
      )
      OR _sn_items__rank = 1
      THEN 1
      ELSE 0
    END AS _sn_items__end
  FROM placed
), ends AS (
  SELECT
    *
  FROM parted
  WHERE
    _sn_amount__end = 1 OR _sn_items__end = 1
), core AS (
  SELECT
    _sn__key1,
    COUNT(_sn_amount__x) AS _sn_amount__n,
    MIN(_sn_amount__x) AS _sn_amount__low,
    MAX(_sn_amount__x) AS _sn_amount__high,
    AVG(_sn_amount__core) AS _sn_amount__core_mean,
    VAR_POP(_sn_amount__core) * COUNT(_sn_amount__core) AS _sn_amount__core_m2,
    MIN(_sn_amount__core) AS _sn_amount__core_low,
    MAX(_sn_amount__core) AS _sn_amount__core_high,
    COUNT(_sn_items__x) AS _sn_items__n,
    MIN(_sn_items__x) AS _sn_items__low,
    MAX(_sn_items__x) AS _sn_items__high,
    AVG(_sn_items__core) AS _sn_items__core_mean,
    VAR_POP(_sn_items__core) * COUNT(_sn_items__core) AS _sn_items__core_m2,
    MIN(_sn_items__core) AS _sn_items__core_low,
    MAX(_sn_items__core) AS _sn_items__core_high
  FROM parted
  GROUP BY
    _sn__key1
), distances AS (
  SELECT
    ends.*,
    core._sn_amount__n,
    core._sn_amount__core_mean,
    core._sn_amount__core_m2,
    core._sn_amount__core_low,
    core._sn_amount__core_high,
    core._sn_amount__low,
    core._sn_amount__high,
    core._sn_items__n,
    core._sn_items__core_mean,
    core._sn_items__core_m2,
    core._sn_items__core_low,
    core._sn_items__core_high,
    core._sn_items__low,
    core._sn_items__high,
    ends._sn_amount__x - core._sn_amount__core_mean AS _sn_amount__distance,
    (
      ends._sn_amount__all + 1
    ) - ends._sn_amount__from_low AS _sn_amount__rows,
    ends._sn_items__x - core._sn_items__core_mean AS _sn_items__distance,
    (
      ends._sn_items__all + 1
    ) - ends._sn_items__from_low AS _sn_items__rows
  FROM ends
  LEFT JOIN core
    ON ends._sn__key1 IS NOT DISTINCT FROM core._sn__key1
), places AS (
  SELECT
    *,
    (
      (
        1.0e0 / NULLIF(
          LN(LEAST(GREATEST(CAST(_sn_amount__rows AS FLOAT64), 12.0e0), 1000000000000.0e0)) + 6.0e0,
          0.0e0
        )
      ) - 0.07379539371844827e0
    ) / NULLIF(0.044060941215417565e0, 0.0e0) AS _sn_amount__at,
    (
      (
        1.0e0 / NULLIF(
          LN(LEAST(GREATEST(CAST(_sn_items__rows AS FLOAT64), 12.0e0), 1000000000000.0e0)) + 6.0e0,
          0.0e0
        )
      ) - 0.07379539371844827e0
    ) / NULLIF(0.044060941215417565e0, 0.0e0) AS _sn_items__at
  FROM distances
), powers AS (
  SELECT
    *,
    _sn_amount__at AS _sn_amount__p1,
    _sn_amount__at * _sn_amount__at AS _sn_amount__p2,
    (
      _sn_amount__at * _sn_amount__at
    ) * (
      _sn_amount__at * _sn_amount__at
    ) AS _sn_amount__p4,
    (
      (
        _sn_amount__at * _sn_amount__at
      ) * (
        _sn_amount__at * _sn_amount__at
      )
    ) * (
      (
        _sn_amount__at * _sn_amount__at
      ) * (
        _sn_amount__at * _sn_amount__at
      )
    ) AS _sn_amount__p8,
    (
      (
        (
          _sn_amount__at * _sn_amount__at
        ) * (
          _sn_amount__at * _sn_amount__at
        )
      ) * (
        (
          _sn_amount__at * _sn_amount__at
        ) * (
          _sn_amount__at * _sn_amount__at
        )
      )
    ) * (
      (
        (
          _sn_amount__at * _sn_amount__at
        ) * (
          _sn_amount__at * _sn_amount__at
        )
      ) * (
        (
          _sn_amount__at * _sn_amount__at
        ) * (
          _sn_amount__at * _sn_amount__at
        )
      )
    ) AS _sn_amount__p16,
    _sn_items__at AS _sn_items__p1,
    _sn_items__at * _sn_items__at AS _sn_items__p2,
    (
      _sn_items__at * _sn_items__at
    ) * (
      _sn_items__at * _sn_items__at
    ) AS _sn_items__p4,
    (
      (
        _sn_items__at * _sn_items__at
      ) * (
        _sn_items__at * _sn_items__at
      )
    ) * (
      (
        _sn_items__at * _sn_items__at
      ) * (
        _sn_items__at * _sn_items__at
      )
    ) AS _sn_items__p8,
    (
      (
        (
          _sn_items__at * _sn_items__at
        ) * (
          _sn_items__at * _sn_items__at
        )
      ) * (
        (
          _sn_items__at * _sn_items__at
        ) * (
          _sn_items__at * _sn_items__at
        )
      )
    ) * (
      (
        (
          _sn_items__at * _sn_items__at
        ) * (
          _sn_items__at * _sn_items__at
        )
      ) * (
        (
          _sn_items__at * _sn_items__at
        ) * (
          _sn_items__at * _sn_items__at
        )
      )
    ) AS _sn_items__p16
  FROM places
), limits AS (
  SELECT
    *,
    CASE
      WHEN _sn_amount__rows = 3
      THEN 1.1543048513440386e0
      WHEN _sn_amount__rows = 4
      THEN 1.48125e0
      WHEN _sn_amount__rows = 5
      THEN 1.7150373123433638e0
      WHEN _sn_amount__rows = 6
      THEN 1.8871451177839336e0
      WHEN _sn_amount__rows = 7
      THEN 2.019968507679597e0
      WHEN _sn_amount__rows = 8
      THEN 2.1266450871954685e0
      WHEN _sn_amount__rows = 9
      THEN 2.215004223325533e0
      WHEN _sn_amount__rows = 10
      THEN 2.2899540844796e0
      WHEN _sn_amount__rows = 11
      THEN 2.354730051565538e0
      WHEN _sn_amount__rows = 12
      THEN 2.4115595184316523e0
      WHEN _sn_amount__rows > 12
      THEN (
        (
          (
            (
              4.1943173687645805e0 + (
                (
                  -1.892437777308234e0
                ) * _sn_amount__p1
              )
            ) + (
              (
                0.5644115084316799e0 + (
                  (
                    -0.566623601301847e0
                  ) * _sn_amount__p1
                )
              ) * _sn_amount__p2
            )
          ) + (
            (
              (
                0.10637333815185443e0 + (
                  (
                    -0.028185604839977514e0
                  ) * _sn_amount__p1
                )
              ) + (
                (
                  0.10327600536848856e0 + (
                    (
                      -0.07043365123912201e0
                    ) * _sn_amount__p1
                  )
                ) * _sn_amount__p2
              )
            ) * _sn_amount__p4
          )
        ) + (
          (
            (
              (
                (
                  -0.011170258806485773e0
                ) + (
                  0.006518703881089157e0 * _sn_amount__p1
                )
              ) + (
                (
                  0.012517198909631917e0 + (
                    (
                      -0.00768938046931022e0
                    ) * _sn_amount__p1
                  )
                ) * _sn_amount__p2
              )
            ) + (
              (
                (
                  0.0018780600899726274e0 + (
                    (
                      -0.0021601589444033486e0
                    ) * _sn_amount__p1
                  )
                ) + (
                  (
                    (
                      -0.0007677090173179599e0
                    ) + (
                      0.002055741810128281e0 * _sn_amount__p1
                    )
                  ) * _sn_amount__p2
                )
              ) * _sn_amount__p4
            )
          ) * _sn_amount__p8
        )
      ) + (
        (
          (
            (
              0.001134783242460721e0 + (
                (
                  -0.0016793489582788358e0
                ) * _sn_amount__p1
              )
            ) + (
              (
                (
                  -0.0004073554904549667e0
                ) + (
                  0.0006046256657073687e0 * _sn_amount__p1
                )
              ) * _sn_amount__p2
            )
          ) + (
            (
              0.0001762847467261674e0 + (
                (
                  -0.00014925429256890877e0
                ) * _sn_amount__p1
              )
            ) * _sn_amount__p4
          )
        ) * _sn_amount__p16
      )
    END AS _sn_amount__limit,
    CASE
      WHEN _sn_items__rows = 3
      THEN 1.1543048513440386e0
      WHEN _sn_items__rows = 4
      THEN 1.48125e0
      WHEN _sn_items__rows = 5
      THEN 1.7150373123433638e0
      WHEN _sn_items__rows = 6
      THEN 1.8871451177839336e0
      WHEN _sn_items__rows = 7
      THEN 2.019968507679597e0
      WHEN _sn_items__rows = 8
      THEN 2.1266450871954685e0
      WHEN _sn_items__rows = 9
      THEN 2.215004223325533e0
      WHEN _sn_items__rows = 10
      THEN 2.2899540844796e0
      WHEN _sn_items__rows = 11
      THEN 2.354730051565538e0
      WHEN _sn_items__rows = 12
      THEN 2.4115595184316523e0
      WHEN _sn_items__rows > 12
      THEN (
        (
          (
            (
              4.1943173687645805e0 + (
                (
                  -1.892437777308234e0
                ) * _sn_items__p1
              )
            ) + (
              (
                0.5644115084316799e0 + (
                  (
                    -0.566623601301847e0
                  ) * _sn_items__p1
                )
              ) * _sn_items__p2
            )
          ) + (
            (
              (
                0.10637333815185443e0 + (
                  (
                    -0.028185604839977514e0
                  ) * _sn_items__p1
                )
              ) + (
                (
                  0.10327600536848856e0 + (
                    (
                      -0.07043365123912201e0
                    ) * _sn_items__p1
                  )
                ) * _sn_items__p2
              )
            ) * _sn_items__p4
          )
        ) + (
          (
            (
              (
                (
                  -0.011170258806485773e0
                ) + (
                  0.006518703881089157e0 * _sn_items__p1
                )
              ) + (
                (
                  0.012517198909631917e0 + (
                    (
                      -0.00768938046931022e0
                    ) * _sn_items__p1
                  )
                ) * _sn_items__p2
              )
            ) + (
              (
                (
                  0.0018780600899726274e0 + (
                    (
                      -0.0021601589444033486e0
                    ) * _sn_items__p1
                  )
                ) + (
                  (
                    (
                      -0.0007677090173179599e0
                    ) + (
                      0.002055741810128281e0 * _sn_items__p1
                    )
                  ) * _sn_items__p2
                )
              ) * _sn_items__p4
            )
          ) * _sn_items__p8
        )
      ) + (
        (
          (
            (
              0.001134783242460721e0 + (
                (
                  -0.0016793489582788358e0
                ) * _sn_items__p1
              )
            ) + (
              (
                (
                  -0.0004073554904549667e0
                ) + (
                  0.0006046256657073687e0 * _sn_items__p1
                )
              ) * _sn_items__p2
            )
          ) + (
            (
              0.0001762847467261674e0 + (
                (
                  -0.00014925429256890877e0
                ) * _sn_items__p1
              )
            ) * _sn_items__p4
          )
        ) * _sn_items__p16
      )
    END AS _sn_items__limit
  FROM powers
), left_1 AS (
  SELECT
    *,
    SUM(
      CASE
        WHEN _sn_amount__from_low > 0 OR _sn_amount__from_high > 0
        THEN _sn_amount__distance
      END
    ) OVER (PARTITION BY _sn__key1) AS _sn_amount__s1_1,
    SUM(
      CASE
        WHEN _sn_amount__from_low > 0 OR _sn_amount__from_high > 0
        THEN _sn_amount__distance * _sn_amount__distance
      END
    ) OVER (PARTITION BY _sn__key1) AS _sn_amount__s2_1,
    MIN(CASE WHEN _sn_amount__from_low > 0 THEN _sn_amount__distance END) OVER (PARTITION BY _sn__key1) AS _sn_amount__lowest_1,
    MAX(CASE WHEN _sn_amount__from_high > 0 THEN _sn_amount__distance END) OVER (PARTITION BY _sn__key1) AS _sn_amount__highest_1,
    MAX(CASE WHEN _sn_amount__from_low = 1 THEN _sn_amount__limit END) OVER (PARTITION BY _sn__key1) AS _sn_amount__limit_1,
    SUM(
      CASE
        WHEN _sn_items__from_low > 0 OR _sn_items__from_high > 0
        THEN _sn_items__distance
      END
    ) OVER (PARTITION BY _sn__key1) AS _sn_items__s1_1,
    SUM(
      CASE
        WHEN _sn_items__from_low > 0 OR _sn_items__from_high > 0
        THEN _sn_items__distance * _sn_items__distance
      END
    ) OVER (PARTITION BY _sn__key1) AS _sn_items__s2_1,
    MIN(CASE WHEN _sn_items__from_low > 0 THEN _sn_items__distance END) OVER (PARTITION BY _sn__key1) AS _sn_items__lowest_1,
    MAX(CASE WHEN _sn_items__from_high > 0 THEN _sn_items__distance END) OVER (PARTITION BY _sn__key1) AS _sn_items__highest_1,
    MAX(CASE WHEN _sn_items__from_low = 1 THEN _sn_items__limit END) OVER (PARTITION BY _sn__key1) AS _sn_items__limit_1
  FROM limits
), taken_1 AS (
  SELECT
    *,
    CASE
      WHEN (
        (
          _sn_amount__s1_1 / NULLIF(CAST(_sn_amount__all AS FLOAT64) - 0.0e0, 0.0e0)
        ) - _sn_amount__lowest_1
      ) * 0.999999999999e0 > _sn_amount__highest_1 - (
        _sn_amount__s1_1 / NULLIF(CAST(_sn_amount__all AS FLOAT64) - 0.0e0, 0.0e0)
      )
      THEN 0 + 1
      ELSE 0
    END AS _sn_amount__lows_1,
    CASE
      WHEN NOT _sn_amount__limit_1 IS NULL
      AND _sn_amount__lowest_1 < _sn_amount__highest_1
      AND CASE
        WHEN (
          (
            _sn_amount__s1_1 / NULLIF(CAST(_sn_amount__all AS FLOAT64) - 0.0e0, 0.0e0)
          ) - _sn_amount__lowest_1
        ) * 0.999999999999e0 > _sn_amount__highest_1 - (
          _sn_amount__s1_1 / NULLIF(CAST(_sn_amount__all AS FLOAT64) - 0.0e0, 0.0e0)
        )
        THEN (
          _sn_amount__s1_1 / NULLIF(CAST(_sn_amount__all AS FLOAT64) - 0.0e0, 0.0e0)
        ) - _sn_amount__lowest_1
        ELSE _sn_amount__highest_1 - (
          _sn_amount__s1_1 / NULLIF(CAST(_sn_amount__all AS FLOAT64) - 0.0e0, 0.0e0)
        )
      END > _sn_amount__limit_1 * SQRT(
        CASE
          WHEN (
            (
              _sn_amount__core_m2 + _sn_amount__s2_1
            ) - (
              _sn_amount__s1_1 * (
                _sn_amount__s1_1 / NULLIF(CAST(_sn_amount__all AS FLOAT64) - 0.0e0, 0.0e0)
              )
            )
          ) / NULLIF((
            CAST(_sn_amount__all AS FLOAT64) - 0.0e0
          ) - 1.0e0, 0.0e0) >= 0.0e0
          THEN (
            (
              _sn_amount__core_m2 + _sn_amount__s2_1
            ) - (
              _sn_amount__s1_1 * (
                _sn_amount__s1_1 / NULLIF(CAST(_sn_amount__all AS FLOAT64) - 0.0e0, 0.0e0)
              )
            )
          ) / NULLIF((
            CAST(_sn_amount__all AS FLOAT64) - 0.0e0
          ) - 1.0e0, 0.0e0)
        END
      )
      THEN 1
      ELSE 0
    END AS _sn_amount__last_1,
    CASE
      WHEN (
        (
          _sn_items__s1_1 / NULLIF(CAST(_sn_items__all AS FLOAT64) - 0.0e0, 0.0e0)
        ) - _sn_items__lowest_1
      ) * 0.999999999999e0 > _sn_items__highest_1 - (
        _sn_items__s1_1 / NULLIF(CAST(_sn_items__all AS FLOAT64) - 0.0e0, 0.0e0)
      )
      THEN 0 + 1
      ELSE 0
    END AS _sn_items__lows_1,
    CASE
      WHEN NOT _sn_items__limit_1 IS NULL
      AND _sn_items__lowest_1 < _sn_items__highest_1
      AND CASE
        WHEN (
          (
            _sn_items__s1_1 / NULLIF(CAST(_sn_items__all AS FLOAT64) - 0.0e0, 0.0e0)
          ) - _sn_items__lowest_1
        ) * 0.999999999999e0 > _sn_items__highest_1 - (
          _sn_items__s1_1 / NULLIF(CAST(_sn_items__all AS FLOAT64) - 0.0e0, 0.0e0)
        )
        THEN (
          _sn_items__s1_1 / NULLIF(CAST(_sn_items__all AS FLOAT64) - 0.0e0, 0.0e0)
        ) - _sn_items__lowest_1
        ELSE _sn_items__highest_1 - (
          _sn_items__s1_1 / NULLIF(CAST(_sn_items__all AS FLOAT64) - 0.0e0, 0.0e0)
        )
      END > _sn_items__limit_1 * SQRT(
        CASE
          WHEN (
            (
              _sn_items__core_m2 + _sn_items__s2_1
            ) - (
              _sn_items__s1_1 * (
                _sn_items__s1_1 / NULLIF(CAST(_sn_items__all AS FLOAT64) - 0.0e0, 0.0e0)
              )
            )
          ) / NULLIF((
            CAST(_sn_items__all AS FLOAT64) - 0.0e0
          ) - 1.0e0, 0.0e0) >= 0.0e0
          THEN (
            (
              _sn_items__core_m2 + _sn_items__s2_1
            ) - (
              _sn_items__s1_1 * (
                _sn_items__s1_1 / NULLIF(CAST(_sn_items__all AS FLOAT64) - 0.0e0, 0.0e0)
              )
            )
          ) / NULLIF((
            CAST(_sn_items__all AS FLOAT64) - 0.0e0
          ) - 1.0e0, 0.0e0)
        END
      )
      THEN 1
      ELSE 0
    END AS _sn_items__last_1
  FROM left_1
), left_2 AS (
  SELECT
    *,
    SUM(
      CASE
        WHEN _sn_amount__from_low > _sn_amount__lows_1
        OR _sn_amount__from_high > 1 - _sn_amount__lows_1
        THEN _sn_amount__distance
      END
    ) OVER (PARTITION BY _sn__key1) AS _sn_amount__s1_2,
    SUM(
      CASE
        WHEN _sn_amount__from_low > _sn_amount__lows_1
        OR _sn_amount__from_high > 1 - _sn_amount__lows_1
        THEN _sn_amount__distance * _sn_amount__distance
      END
    ) OVER (PARTITION BY _sn__key1) AS _sn_amount__s2_2,
    MIN(
      CASE WHEN _sn_amount__from_low > _sn_amount__lows_1 THEN _sn_amount__distance END
    ) OVER (PARTITION BY _sn__key1) AS _sn_amount__lowest_2,
    MAX(
      CASE
        WHEN _sn_amount__from_high > 1 - _sn_amount__lows_1
        THEN _sn_amount__distance
      END
    ) OVER (PARTITION BY _sn__key1) AS _sn_amount__highest_2,
    MAX(CASE WHEN _sn_amount__from_low = 2 THEN _sn_amount__limit END) OVER (PARTITION BY _sn__key1) AS _sn_amount__limit_2,
    SUM(
      CASE
        WHEN _sn_items__from_low > _sn_items__lows_1
        OR _sn_items__from_high > 1 - _sn_items__lows_1
        THEN _sn_items__distance
      END
    ) OVER (PARTITION BY _sn__key1) AS _sn_items__s1_2,
    SUM(
      CASE
        WHEN _sn_items__from_low > _sn_items__lows_1
        OR _sn_items__from_high > 1 - _sn_items__lows_1
        THEN _sn_items__distance * _sn_items__distance
      END
    ) OVER (PARTITION BY _sn__key1) AS _sn_items__s2_2,
    MIN(CASE WHEN _sn_items__from_low > _sn_items__lows_1 THEN _sn_items__distance END) OVER (PARTITION BY _sn__key1) AS _sn_items__lowest_2,
    MAX(
      CASE WHEN _sn_items__from_high > 1 - _sn_items__lows_1 THEN _sn_items__distance END
    ) OVER (PARTITION BY _sn__key1) AS _sn_items__highest_2,
    MAX(CASE WHEN _sn_items__from_low = 2 THEN _sn_items__limit END) OVER (PARTITION BY _sn__key1) AS _sn_items__limit_2
  FROM taken_1
), taken_2 AS (
  SELECT
    *,
    CASE
      WHEN (
        (
          _sn_amount__s1_2 / NULLIF(CAST(_sn_amount__all AS FLOAT64) - 1.0e0, 0.0e0)
        ) - _sn_amount__lowest_2
      ) * 0.999999999999e0 > _sn_amount__highest_2 - (
        _sn_amount__s1_2 / NULLIF(CAST(_sn_amount__all AS FLOAT64) - 1.0e0, 0.0e0)
      )
      THEN _sn_amount__lows_1 + 1
      ELSE _sn_amount__lows_1
    END AS _sn_amount__lows_2,
    CASE
      WHEN NOT _sn_amount__limit_2 IS NULL
      AND _sn_amount__lowest_2 < _sn_amount__highest_2
      AND CASE
        WHEN (
          (
            _sn_amount__s1_2 / NULLIF(CAST(_sn_amount__all AS FLOAT64) - 1.0e0, 0.0e0)
          ) - _sn_amount__lowest_2
        ) * 0.999999999999e0 > _sn_amount__highest_2 - (
          _sn_amount__s1_2 / NULLIF(CAST(_sn_amount__all AS FLOAT64) - 1.0e0, 0.0e0)
        )
        THEN (
          _sn_amount__s1_2 / NULLIF(CAST(_sn_amount__all AS FLOAT64) - 1.0e0, 0.0e0)
        ) - _sn_amount__lowest_2
        ELSE _sn_amount__highest_2 - (
          _sn_amount__s1_2 / NULLIF(CAST(_sn_amount__all AS FLOAT64) - 1.0e0, 0.0e0)
        )
      END > _sn_amount__limit_2 * SQRT(
        CASE
          WHEN (
            (
              _sn_amount__core_m2 + _sn_amount__s2_2
            ) - (
              _sn_amount__s1_2 * (
                _sn_amount__s1_2 / NULLIF(CAST(_sn_amount__all AS FLOAT64) - 1.0e0, 0.0e0)
              )
            )
          ) / NULLIF((
            CAST(_sn_amount__all AS FLOAT64) - 1.0e0
          ) - 1.0e0, 0.0e0) >= 0.0e0
          THEN (
            (
              _sn_amount__core_m2 + _sn_amount__s2_2
            ) - (
              _sn_amount__s1_2 * (
                _sn_amount__s1_2 / NULLIF(CAST(_sn_amount__all AS FLOAT64) - 1.0e0, 0.0e0)
              )
            )
          ) / NULLIF((
            CAST(_sn_amount__all AS FLOAT64) - 1.0e0
          ) - 1.0e0, 0.0e0)
        END
      )
      THEN 2
      ELSE _sn_amount__last_1
    END AS _sn_amount__last_2,
    CASE
      WHEN (
        (
          _sn_items__s1_2 / NULLIF(CAST(_sn_items__all AS FLOAT64) - 1.0e0, 0.0e0)
        ) - _sn_items__lowest_2
      ) * 0.999999999999e0 > _sn_items__highest_2 - (
        _sn_items__s1_2 / NULLIF(CAST(_sn_items__all AS FLOAT64) - 1.0e0, 0.0e0)
      )
      THEN _sn_items__lows_1 + 1
      ELSE _sn_items__lows_1
    END AS _sn_items__lows_2,
    CASE
      WHEN NOT _sn_items__limit_2 IS NULL
      AND _sn_items__lowest_2 < _sn_items__highest_2
      AND CASE
        WHEN (
          (
            _sn_items__s1_2 / NULLIF(CAST(_sn_items__all AS FLOAT64) - 1.0e0, 0.0e0)
          ) - _sn_items__lowest_2
        ) * 0.999999999999e0 > _sn_items__highest_2 - (
          _sn_items__s1_2 / NULLIF(CAST(_sn_items__all AS FLOAT64) - 1.0e0, 0.0e0)
        )
        THEN (
          _sn_items__s1_2 / NULLIF(CAST(_sn_items__all AS FLOAT64) - 1.0e0, 0.0e0)
        ) - _sn_items__lowest_2
        ELSE _sn_items__highest_2 - (
          _sn_items__s1_2 / NULLIF(CAST(_sn_items__all AS FLOAT64) - 1.0e0, 0.0e0)
        )
      END > _sn_items__limit_2 * SQRT(
        CASE
          WHEN (
            (
              _sn_items__core_m2 + _sn_items__s2_2
            ) - (
              _sn_items__s1_2 * (
                _sn_items__s1_2 / NULLIF(CAST(_sn_items__all AS FLOAT64) - 1.0e0, 0.0e0)
              )
            )
          ) / NULLIF((
            CAST(_sn_items__all AS FLOAT64) - 1.0e0
          ) - 1.0e0, 0.0e0) >= 0.0e0
          THEN (
            (
              _sn_items__core_m2 + _sn_items__s2_2
            ) - (
              _sn_items__s1_2 * (
                _sn_items__s1_2 / NULLIF(CAST(_sn_items__all AS FLOAT64) - 1.0e0, 0.0e0)
              )
            )
          ) / NULLIF((
            CAST(_sn_items__all AS FLOAT64) - 1.0e0
          ) - 1.0e0, 0.0e0)
        END
      )
      THEN 2
      ELSE _sn_items__last_1
    END AS _sn_items__last_2
  FROM left_2
), left_3 AS (
  SELECT
    *,
    SUM(
      CASE
        WHEN _sn_amount__from_low > _sn_amount__lows_2
        OR _sn_amount__from_high > 2 - _sn_amount__lows_2
        THEN _sn_amount__distance
      END
    ) OVER (PARTITION BY _sn__key1) AS _sn_amount__s1_3,
    SUM(
      CASE
        WHEN _sn_amount__from_low > _sn_amount__lows_2
        OR _sn_amount__from_high > 2 - _sn_amount__lows_2
        THEN _sn_amount__distance * _sn_amount__distance
      END
    ) OVER (PARTITION BY _sn__key1) AS _sn_amount__s2_3,
    MIN(
      CASE WHEN _sn_amount__from_low > _sn_amount__lows_2 THEN _sn_amount__distance END
    ) OVER (PARTITION BY _sn__key1) AS _sn_amount__lowest_3,
    MAX(
      CASE
        WHEN _sn_amount__from_high > 2 - _sn_amount__lows_2
        THEN _sn_amount__distance
      END
    ) OVER (PARTITION BY _sn__key1) AS _sn_amount__highest_3,
    MAX(CASE WHEN _sn_amount__from_low = 3 THEN _sn_amount__limit END) OVER (PARTITION BY _sn__key1) AS _sn_amount__limit_3,
    SUM(
      CASE
        WHEN _sn_items__from_low > _sn_items__lows_2
        OR _sn_items__from_high > 2 - _sn_items__lows_2
        THEN _sn_items__distance
      END
    ) OVER (PARTITION BY _sn__key1) AS _sn_items__s1_3,
    SUM(
      CASE
        WHEN _sn_items__from_low > _sn_items__lows_2
        OR _sn_items__from_high > 2 - _sn_items__lows_2
        THEN _sn_items__distance * _sn_items__distance
      END
    ) OVER (PARTITION BY _sn__key1) AS _sn_items__s2_3,
    MIN(CASE WHEN _sn_items__from_low > _sn_items__lows_2 THEN _sn_items__distance END) OVER (PARTITION BY _sn__key1) AS _sn_items__lowest_3,
    MAX(
      CASE WHEN _sn_items__from_high > 2 - _sn_items__lows_2 THEN _sn_items__distance END
    ) OVER (PARTITION BY _sn__key1) AS _sn_items__highest_3,
    MAX(CASE WHEN _sn_items__from_low = 3 THEN _sn_items__limit END) OVER (PARTITION BY _sn__key1) AS _sn_items__limit_3
  FROM taken_2
), taken_3 AS (
  SELECT
    *,
    CASE
      WHEN (
        (
          _sn_amount__s1_3 / NULLIF(CAST(_sn_amount__all AS FLOAT64) - 2.0e0, 0.0e0)
        ) - _sn_amount__lowest_3
      ) * 0.999999999999e0 > _sn_amount__highest_3 - (
        _sn_amount__s1_3 / NULLIF(CAST(_sn_amount__all AS FLOAT64) - 2.0e0, 0.0e0)
      )
      THEN _sn_amount__lows_2 + 1
      ELSE _sn_amount__lows_2
    END AS _sn_amount__lows_3,
    CASE
      WHEN NOT _sn_amount__limit_3 IS NULL
      AND _sn_amount__lowest_3 < _sn_amount__highest_3
      AND CASE
        WHEN (
          (
            _sn_amount__s1_3 / NULLIF(CAST(_sn_amount__all AS FLOAT64) - 2.0e0, 0.0e0)
          ) - _sn_amount__lowest_3
        ) * 0.999999999999e0 > _sn_amount__highest_3 - (
          _sn_amount__s1_3 / NULLIF(CAST(_sn_amount__all AS FLOAT64) - 2.0e0, 0.0e0)
        )
        THEN (
          _sn_amount__s1_3 / NULLIF(CAST(_sn_amount__all AS FLOAT64) - 2.0e0, 0.0e0)
        ) - _sn_amount__lowest_3
        ELSE _sn_amount__highest_3 - (
          _sn_amount__s1_3 / NULLIF(CAST(_sn_amount__all AS FLOAT64) - 2.0e0, 0.0e0)
        )
      END > _sn_amount__limit_3 * SQRT(
        CASE
          WHEN (
            (
              _sn_amount__core_m2 + _sn_amount__s2_3
            ) - (
              _sn_amount__s1_3 * (
                _sn_amount__s1_3 / NULLIF(CAST(_sn_amount__all AS FLOAT64) - 2.0e0, 0.0e0)
              )
            )
          ) / NULLIF((
            CAST(_sn_amount__all AS FLOAT64) - 2.0e0
          ) - 1.0e0, 0.0e0) >= 0.0e0
          THEN (
            (
              _sn_amount__core_m2 + _sn_amount__s2_3
            ) - (
              _sn_amount__s1_3 * (
                _sn_amount__s1_3 / NULLIF(CAST(_sn_amount__all AS FLOAT64) - 2.0e0, 0.0e0)
              )
            )
          ) / NULLIF((
            CAST(_sn_amount__all AS FLOAT64) - 2.0e0
          ) - 1.0e0, 0.0e0)
        END
      )
      THEN 3
      ELSE _sn_amount__last_2
    END AS _sn_amount__last_3,
    CASE
      WHEN (
        (
          _sn_items__s1_3 / NULLIF(CAST(_sn_items__all AS FLOAT64) - 2.0e0, 0.0e0)
        ) - _sn_items__lowest_3
      ) * 0.999999999999e0 > _sn_items__highest_3 - (
        _sn_items__s1_3 / NULLIF(CAST(_sn_items__all AS FLOAT64) - 2.0e0, 0.0e0)
      )
      THEN _sn_items__lows_2 + 1
      ELSE _sn_items__lows_2
    END AS _sn_items__lows_3,
    CASE
      WHEN NOT _sn_items__limit_3 IS NULL
      AND _sn_items__lowest_3 < _sn_items__highest_3
      AND CASE
        WHEN (
          (
            _sn_items__s1_3 / NULLIF(CAST(_sn_items__all AS FLOAT64) - 2.0e0, 0.0e0)
          ) - _sn_items__lowest_3
        ) * 0.999999999999e0 > _sn_items__highest_3 - (
          _sn_items__s1_3 / NULLIF(CAST(_sn_items__all AS FLOAT64) - 2.0e0, 0.0e0)
        )
        THEN (
          _sn_items__s1_3 / NULLIF(CAST(_sn_items__all AS FLOAT64) - 2.0e0, 0.0e0)
        ) - _sn_items__lowest_3
        ELSE _sn_items__highest_3 - (
          _sn_items__s1_3 / NULLIF(CAST(_sn_items__all AS FLOAT64) - 2.0e0, 0.0e0)
        )
      END > _sn_items__limit_3 * SQRT(
        CASE
          WHEN (
            (
              _sn_items__core_m2 + _sn_items__s2_3
            ) - (
              _sn_items__s1_3 * (
                _sn_items__s1_3 / NULLIF(CAST(_sn_items__all AS FLOAT64) - 2.0e0, 0.0e0)
              )
            )
          ) / NULLIF((
            CAST(_sn_items__all AS FLOAT64) - 2.0e0
          ) - 1.0e0, 0.0e0) >= 0.0e0
          THEN (
            (
              _sn_items__core_m2 + _sn_items__s2_3
            ) - (
              _sn_items__s1_3 * (
                _sn_items__s1_3 / NULLIF(CAST(_sn_items__all AS FLOAT64) - 2.0e0, 0.0e0)
              )
            )
          ) / NULLIF((
            CAST(_sn_items__all AS FLOAT64) - 2.0e0
          ) - 1.0e0, 0.0e0)
        END
      )
      THEN 3
      ELSE _sn_items__last_2
    END AS _sn_items__last_3
  FROM left_3
), left_4 AS (
  SELECT
    *,
    SUM(
      CASE
        WHEN _sn_amount__from_low > _sn_amount__lows_3
        OR _sn_amount__from_high > 3 - _sn_amount__lows_3
        THEN _sn_amount__distance
      END
    ) OVER (PARTITION BY _sn__key1) AS _sn_amount__s1_4,
    SUM(
      CASE
        WHEN _sn_amount__from_low > _sn_amount__lows_3
        OR _sn_amount__from_high > 3 - _sn_amount__lows_3
        THEN _sn_amount__distance * _sn_amount__distance
      END
    ) OVER (PARTITION BY _sn__key1) AS _sn_amount__s2_4,
    MIN(
      CASE WHEN _sn_amount__from_low > _sn_amount__lows_3 THEN _sn_amount__distance END
    ) OVER (PARTITION BY _sn__key1) AS _sn_amount__lowest_4,
    MAX(
      CASE
        WHEN _sn_amount__from_high > 3 - _sn_amount__lows_3
        THEN _sn_amount__distance
      END
    ) OVER (PARTITION BY _sn__key1) AS _sn_amount__highest_4,
    MAX(CASE WHEN _sn_amount__from_low = 4 THEN _sn_amount__limit END) OVER (PARTITION BY _sn__key1) AS _sn_amount__limit_4,
    SUM(
      CASE
        WHEN _sn_items__from_low > _sn_items__lows_3
        OR _sn_items__from_high > 3 - _sn_items__lows_3
        THEN _sn_items__distance
      END
    ) OVER (PARTITION BY _sn__key1) AS _sn_items__s1_4,
    SUM(
      CASE
        WHEN _sn_items__from_low > _sn_items__lows_3
        OR _sn_items__from_high > 3 - _sn_items__lows_3
        THEN _sn_items__distance * _sn_items__distance
      END
    ) OVER (PARTITION BY _sn__key1) AS _sn_items__s2_4,
    MIN(CASE WHEN _sn_items__from_low > _sn_items__lows_3 THEN _sn_items__distance END) OVER (PARTITION BY _sn__key1) AS _sn_items__lowest_4,
    MAX(
      CASE WHEN _sn_items__from_high > 3 - _sn_items__lows_3 THEN _sn_items__distance END
    ) OVER (PARTITION BY _sn__key1) AS _sn_items__highest_4,
    MAX(CASE WHEN _sn_items__from_low = 4 THEN _sn_items__limit END) OVER (PARTITION BY _sn__key1) AS _sn_items__limit_4
  FROM taken_3
), taken_4 AS (
  SELECT
    *,
    CASE
      WHEN (
        (
          _sn_amount__s1_4 / NULLIF(CAST(_sn_amount__all AS FLOAT64) - 3.0e0, 0.0e0)
        ) - _sn_amount__lowest_4
      ) * 0.999999999999e0 > _sn_amount__highest_4 - (
        _sn_amount__s1_4 / NULLIF(CAST(_sn_amount__all AS FLOAT64) - 3.0e0, 0.0e0)
      )
      THEN _sn_amount__lows_3 + 1
      ELSE _sn_amount__lows_3
    END AS _sn_amount__lows_4,
    CASE
      WHEN NOT _sn_amount__limit_4 IS NULL
      AND _sn_amount__lowest_4 < _sn_amount__highest_4
      AND CASE
        WHEN (
          (
            _sn_amount__s1_4 / NULLIF(CAST(_sn_amount__all AS FLOAT64) - 3.0e0, 0.0e0)
          ) - _sn_amount__lowest_4
        ) * 0.999999999999e0 > _sn_amount__highest_4 - (
          _sn_amount__s1_4 / NULLIF(CAST(_sn_amount__all AS FLOAT64) - 3.0e0, 0.0e0)
        )
        THEN (
          _sn_amount__s1_4 / NULLIF(CAST(_sn_amount__all AS FLOAT64) - 3.0e0, 0.0e0)
        ) - _sn_amount__lowest_4
        ELSE _sn_amount__highest_4 - (
          _sn_amount__s1_4 / NULLIF(CAST(_sn_amount__all AS FLOAT64) - 3.0e0, 0.0e0)
        )
      END > _sn_amount__limit_4 * SQRT(
        CASE
          WHEN (
            (
              _sn_amount__core_m2 + _sn_amount__s2_4
            ) - (
              _sn_amount__s1_4 * (
                _sn_amount__s1_4 / NULLIF(CAST(_sn_amount__all AS FLOAT64) - 3.0e0, 0.0e0)
              )
            )
          ) / NULLIF((
            CAST(_sn_amount__all AS FLOAT64) - 3.0e0
          ) - 1.0e0, 0.0e0) >= 0.0e0
          THEN (
            (
              _sn_amount__core_m2 + _sn_amount__s2_4
            ) - (
              _sn_amount__s1_4 * (
                _sn_amount__s1_4 / NULLIF(CAST(_sn_amount__all AS FLOAT64) - 3.0e0, 0.0e0)
              )
            )
          ) / NULLIF((
            CAST(_sn_amount__all AS FLOAT64) - 3.0e0
          ) - 1.0e0, 0.0e0)
        END
      )
      THEN 4
      ELSE _sn_amount__last_3
    END AS _sn_amount__last_4,
    CASE
      WHEN (
        (
          _sn_items__s1_4 / NULLIF(CAST(_sn_items__all AS FLOAT64) - 3.0e0, 0.0e0)
        ) - _sn_items__lowest_4
      ) * 0.999999999999e0 > _sn_items__highest_4 - (
        _sn_items__s1_4 / NULLIF(CAST(_sn_items__all AS FLOAT64) - 3.0e0, 0.0e0)
      )
      THEN _sn_items__lows_3 + 1
      ELSE _sn_items__lows_3
    END AS _sn_items__lows_4,
    CASE
      WHEN NOT _sn_items__limit_4 IS NULL
      AND _sn_items__lowest_4 < _sn_items__highest_4
      AND CASE
        WHEN (
          (
            _sn_items__s1_4 / NULLIF(CAST(_sn_items__all AS FLOAT64) - 3.0e0, 0.0e0)
          ) - _sn_items__lowest_4
        ) * 0.999999999999e0 > _sn_items__highest_4 - (
          _sn_items__s1_4 / NULLIF(CAST(_sn_items__all AS FLOAT64) - 3.0e0, 0.0e0)
        )
        THEN (
          _sn_items__s1_4 / NULLIF(CAST(_sn_items__all AS FLOAT64) - 3.0e0, 0.0e0)
        ) - _sn_items__lowest_4
        ELSE _sn_items__highest_4 - (
          _sn_items__s1_4 / NULLIF(CAST(_sn_items__all AS FLOAT64) - 3.0e0, 0.0e0)
        )
      END > _sn_items__limit_4 * SQRT(
        CASE
          WHEN (
            (
              _sn_items__core_m2 + _sn_items__s2_4
            ) - (
              _sn_items__s1_4 * (
                _sn_items__s1_4 / NULLIF(CAST(_sn_items__all AS FLOAT64) - 3.0e0, 0.0e0)
              )
            )
          ) / NULLIF((
            CAST(_sn_items__all AS FLOAT64) - 3.0e0
          ) - 1.0e0, 0.0e0) >= 0.0e0
          THEN (
            (
              _sn_items__core_m2 + _sn_items__s2_4
            ) - (
              _sn_items__s1_4 * (
                _sn_items__s1_4 / NULLIF(CAST(_sn_items__all AS FLOAT64) - 3.0e0, 0.0e0)
              )
            )
          ) / NULLIF((
            CAST(_sn_items__all AS FLOAT64) - 3.0e0
          ) - 1.0e0, 0.0e0)
        END
      )
      THEN 4
      ELSE _sn_items__last_3
    END AS _sn_items__last_4
  FROM left_4
), left_5 AS (
  SELECT
    *,
    SUM(
      CASE
        WHEN _sn_amount__from_low > _sn_amount__lows_4
        OR _sn_amount__from_high > 4 - _sn_amount__lows_4
        THEN _sn_amount__distance
      END
    ) OVER (PARTITION BY _sn__key1) AS _sn_amount__s1_5,
    SUM(
      CASE
        WHEN _sn_amount__from_low > _sn_amount__lows_4
        OR _sn_amount__from_high > 4 - _sn_amount__lows_4
        THEN _sn_amount__distance * _sn_amount__distance
      END
    ) OVER (PARTITION BY _sn__key1) AS _sn_amount__s2_5,
    MIN(
      CASE WHEN _sn_amount__from_low > _sn_amount__lows_4 THEN _sn_amount__distance END
    ) OVER (PARTITION BY _sn__key1) AS _sn_amount__lowest_5,
    MAX(
      CASE
        WHEN _sn_amount__from_high > 4 - _sn_amount__lows_4
        THEN _sn_amount__distance
      END
    ) OVER (PARTITION BY _sn__key1) AS _sn_amount__highest_5,
    MAX(CASE WHEN _sn_amount__from_low = 5 THEN _sn_amount__limit END) OVER (PARTITION BY _sn__key1) AS _sn_amount__limit_5,
    SUM(
      CASE
        WHEN _sn_items__from_low > _sn_items__lows_4
        OR _sn_items__from_high > 4 - _sn_items__lows_4
        THEN _sn_items__distance
      END
    ) OVER (PARTITION BY _sn__key1) AS _sn_items__s1_5,
    SUM(
      CASE
        WHEN _sn_items__from_low > _sn_items__lows_4
        OR _sn_items__from_high > 4 - _sn_items__lows_4
        THEN _sn_items__distance * _sn_items__distance
      END
    ) OVER (PARTITION BY _sn__key1) AS _sn_items__s2_5,
    MIN(CASE WHEN _sn_items__from_low > _sn_items__lows_4 THEN _sn_items__distance END) OVER (PARTITION BY _sn__key1) AS _sn_items__lowest_5,
    MAX(
      CASE WHEN _sn_items__from_high > 4 - _sn_items__lows_4 THEN _sn_items__distance END
    ) OVER (PARTITION BY _sn__key1) AS _sn_items__highest_5,
    MAX(CASE WHEN _sn_items__from_low = 5 THEN _sn_items__limit END) OVER (PARTITION BY _sn__key1) AS _sn_items__limit_5
  FROM taken_4
), taken_5 AS (
  SELECT
    *,
    CASE
      WHEN (
        (
          _sn_amount__s1_5 / NULLIF(CAST(_sn_amount__all AS FLOAT64) - 4.0e0, 0.0e0)
        ) - _sn_amount__lowest_5
      ) * 0.999999999999e0 > _sn_amount__highest_5 - (
        _sn_amount__s1_5 / NULLIF(CAST(_sn_amount__all AS FLOAT64) - 4.0e0, 0.0e0)
      )
      THEN _sn_amount__lows_4 + 1
      ELSE _sn_amount__lows_4
    END AS _sn_amount__lows_5,
    CASE
      WHEN NOT _sn_amount__limit_5 IS NULL
      AND _sn_amount__lowest_5 < _sn_amount__highest_5
      AND CASE
        WHEN (
          (
            _sn_amount__s1_5 / NULLIF(CAST(_sn_amount__all AS FLOAT64) - 4.0e0, 0.0e0)
          ) - _sn_amount__lowest_5
        ) * 0.999999999999e0 > _sn_amount__highest_5 - (
          _sn_amount__s1_5 / NULLIF(CAST(_sn_amount__all AS FLOAT64) - 4.0e0, 0.0e0)
        )
        THEN (
          _sn_amount__s1_5 / NULLIF(CAST(_sn_amount__all AS FLOAT64) - 4.0e0, 0.0e0)
        ) - _sn_amount__lowest_5
        ELSE _sn_amount__highest_5 - (
          _sn_amount__s1_5 / NULLIF(CAST(_sn_amount__all AS FLOAT64) - 4.0e0, 0.0e0)
        )
      END > _sn_amount__limit_5 * SQRT(
        CASE
          WHEN (
            (
              _sn_amount__core_m2 + _sn_amount__s2_5
            ) - (
              _sn_amount__s1_5 * (
                _sn_amount__s1_5 / NULLIF(CAST(_sn_amount__all AS FLOAT64) - 4.0e0, 0.0e0)
              )
            )
          ) / NULLIF((
            CAST(_sn_amount__all AS FLOAT64) - 4.0e0
          ) - 1.0e0, 0.0e0) >= 0.0e0
          THEN (
            (
              _sn_amount__core_m2 + _sn_amount__s2_5
            ) - (
              _sn_amount__s1_5 * (
                _sn_amount__s1_5 / NULLIF(CAST(_sn_amount__all AS FLOAT64) - 4.0e0, 0.0e0)
              )
            )
          ) / NULLIF((
            CAST(_sn_amount__all AS FLOAT64) - 4.0e0
          ) - 1.0e0, 0.0e0)
        END
      )
      THEN 5
      ELSE _sn_amount__last_4
    END AS _sn_amount__last_5,
    CASE
      WHEN (
        (
          _sn_items__s1_5 / NULLIF(CAST(_sn_items__all AS FLOAT64) - 4.0e0, 0.0e0)
        ) - _sn_items__lowest_5
      ) * 0.999999999999e0 > _sn_items__highest_5 - (
        _sn_items__s1_5 / NULLIF(CAST(_sn_items__all AS FLOAT64) - 4.0e0, 0.0e0)
      )
      THEN _sn_items__lows_4 + 1
      ELSE _sn_items__lows_4
    END AS _sn_items__lows_5,
    CASE
      WHEN NOT _sn_items__limit_5 IS NULL
      AND _sn_items__lowest_5 < _sn_items__highest_5
      AND CASE
        WHEN (
          (
            _sn_items__s1_5 / NULLIF(CAST(_sn_items__all AS FLOAT64) - 4.0e0, 0.0e0)
          ) - _sn_items__lowest_5
        ) * 0.999999999999e0 > _sn_items__highest_5 - (
          _sn_items__s1_5 / NULLIF(CAST(_sn_items__all AS FLOAT64) - 4.0e0, 0.0e0)
        )
        THEN (
          _sn_items__s1_5 / NULLIF(CAST(_sn_items__all AS FLOAT64) - 4.0e0, 0.0e0)
        ) - _sn_items__lowest_5
        ELSE _sn_items__highest_5 - (
          _sn_items__s1_5 / NULLIF(CAST(_sn_items__all AS FLOAT64) - 4.0e0, 0.0e0)
        )
      END > _sn_items__limit_5 * SQRT(
        CASE
          WHEN (
            (
              _sn_items__core_m2 + _sn_items__s2_5
            ) - (
              _sn_items__s1_5 * (
                _sn_items__s1_5 / NULLIF(CAST(_sn_items__all AS FLOAT64) - 4.0e0, 0.0e0)
              )
            )
          ) / NULLIF((
            CAST(_sn_items__all AS FLOAT64) - 4.0e0
          ) - 1.0e0, 0.0e0) >= 0.0e0
          THEN (
            (
              _sn_items__core_m2 + _sn_items__s2_5
            ) - (
              _sn_items__s1_5 * (
                _sn_items__s1_5 / NULLIF(CAST(_sn_items__all AS FLOAT64) - 4.0e0, 0.0e0)
              )
            )
          ) / NULLIF((
            CAST(_sn_items__all AS FLOAT64) - 4.0e0
          ) - 1.0e0, 0.0e0)
        END
      )
      THEN 5
      ELSE _sn_items__last_4
    END AS _sn_items__last_5
  FROM left_5
), left_6 AS (
  SELECT
    *,
    SUM(
      CASE
        WHEN _sn_amount__from_low > _sn_amount__lows_5
        OR _sn_amount__from_high > 5 - _sn_amount__lows_5
        THEN _sn_amount__distance
      END
    ) OVER (PARTITION BY _sn__key1) AS _sn_amount__s1_6,
    SUM(
      CASE
        WHEN _sn_amount__from_low > _sn_amount__lows_5
        OR _sn_amount__from_high > 5 - _sn_amount__lows_5
        THEN _sn_amount__distance * _sn_amount__distance
      END
    ) OVER (PARTITION BY _sn__key1) AS _sn_amount__s2_6,
    MIN(
      CASE WHEN _sn_amount__from_low > _sn_amount__lows_5 THEN _sn_amount__distance END
    ) OVER (PARTITION BY _sn__key1) AS _sn_amount__lowest_6,
    MAX(
      CASE
        WHEN _sn_amount__from_high > 5 - _sn_amount__lows_5
        THEN _sn_amount__distance
      END
    ) OVER (PARTITION BY _sn__key1) AS _sn_amount__highest_6,
    MAX(CASE WHEN _sn_amount__from_low = 6 THEN _sn_amount__limit END) OVER (PARTITION BY _sn__key1) AS _sn_amount__limit_6,
    SUM(
      CASE
        WHEN _sn_items__from_low > _sn_items__lows_5
        OR _sn_items__from_high > 5 - _sn_items__lows_5
        THEN _sn_items__distance
      END
    ) OVER (PARTITION BY _sn__key1) AS _sn_items__s1_6,
    SUM(
      CASE
        WHEN _sn_items__from_low > _sn_items__lows_5
        OR _sn_items__from_high > 5 - _sn_items__lows_5
        THEN _sn_items__distance * _sn_items__distance
      END
    ) OVER (PARTITION BY _sn__key1) AS _sn_items__s2_6,
    MIN(CASE WHEN _sn_items__from_low > _sn_items__lows_5 THEN _sn_items__distance END) OVER (PARTITION BY _sn__key1) AS _sn_items__lowest_6,
    MAX(
      CASE WHEN _sn_items__from_high > 5 - _sn_items__lows_5 THEN _sn_items__distance END
    ) OVER (PARTITION BY _sn__key1) AS _sn_items__highest_6,
    MAX(CASE WHEN _sn_items__from_low = 6 THEN _sn_items__limit END) OVER (PARTITION BY _sn__key1) AS _sn_items__limit_6
  FROM taken_5
), taken_6 AS (
  SELECT
    *,
    CASE
      WHEN (
        (
          _sn_amount__s1_6 / NULLIF(CAST(_sn_amount__all AS FLOAT64) - 5.0e0, 0.0e0)
        ) - _sn_amount__lowest_6
      ) * 0.999999999999e0 > _sn_amount__highest_6 - (
        _sn_amount__s1_6 / NULLIF(CAST(_sn_amount__all AS FLOAT64) - 5.0e0, 0.0e0)
      )
      THEN _sn_amount__lows_5 + 1
      ELSE _sn_amount__lows_5
    END AS _sn_amount__lows_6,
    CASE
      WHEN NOT _sn_amount__limit_6 IS NULL
      AND _sn_amount__lowest_6 < _sn_amount__highest_6
      AND CASE
        WHEN (
          (
            _sn_amount__s1_6 / NULLIF(CAST(_sn_amount__all AS FLOAT64) - 5.0e0, 0.0e0)
          ) - _sn_amount__lowest_6
        ) * 0.999999999999e0 > _sn_amount__highest_6 - (
          _sn_amount__s1_6 / NULLIF(CAST(_sn_amount__all AS FLOAT64) - 5.0e0, 0.0e0)
        )
        THEN (
          _sn_amount__s1_6 / NULLIF(CAST(_sn_amount__all AS FLOAT64) - 5.0e0, 0.0e0)
        ) - _sn_amount__lowest_6
        ELSE _sn_amount__highest_6 - (
          _sn_amount__s1_6 / NULLIF(CAST(_sn_amount__all AS FLOAT64) - 5.0e0, 0.0e0)
        )
      END > _sn_amount__limit_6 * SQRT(
        CASE
          WHEN (
            (
              _sn_amount__core_m2 + _sn_amount__s2_6
            ) - (
              _sn_amount__s1_6 * (
                _sn_amount__s1_6 / NULLIF(CAST(_sn_amount__all AS FLOAT64) - 5.0e0, 0.0e0)
              )
            )
          ) / NULLIF((
            CAST(_sn_amount__all AS FLOAT64) - 5.0e0
          ) - 1.0e0, 0.0e0) >= 0.0e0
          THEN (
            (
              _sn_amount__core_m2 + _sn_amount__s2_6
            ) - (
              _sn_amount__s1_6 * (
                _sn_amount__s1_6 / NULLIF(CAST(_sn_amount__all AS FLOAT64) - 5.0e0, 0.0e0)
              )
            )
          ) / NULLIF((
            CAST(_sn_amount__all AS FLOAT64) - 5.0e0
          ) - 1.0e0, 0.0e0)
        END
      )
      THEN 6
      ELSE _sn_amount__last_5
    END AS _sn_amount__last_6,
    CASE
      WHEN (
        (
          _sn_items__s1_6 / NULLIF(CAST(_sn_items__all AS FLOAT64) - 5.0e0, 0.0e0)
        ) - _sn_items__lowest_6
      ) * 0.999999999999e0 > _sn_items__highest_6 - (
        _sn_items__s1_6 / NULLIF(CAST(_sn_items__all AS FLOAT64) - 5.0e0, 0.0e0)
      )
      THEN _sn_items__lows_5 + 1
      ELSE _sn_items__lows_5
    END AS _sn_items__lows_6,
    CASE
      WHEN NOT _sn_items__limit_6 IS NULL
      AND _sn_items__lowest_6 < _sn_items__highest_6
      AND CASE
        WHEN (
          (
            _sn_items__s1_6 / NULLIF(CAST(_sn_items__all AS FLOAT64) - 5.0e0, 0.0e0)
          ) - _sn_items__lowest_6
        ) * 0.999999999999e0 > _sn_items__highest_6 - (
          _sn_items__s1_6 / NULLIF(CAST(_sn_items__all AS FLOAT64) - 5.0e0, 0.0e0)
        )
        THEN (
          _sn_items__s1_6 / NULLIF(CAST(_sn_items__all AS FLOAT64) - 5.0e0, 0.0e0)
        ) - _sn_items__lowest_6
        ELSE _sn_items__highest_6 - (
          _sn_items__s1_6 / NULLIF(CAST(_sn_items__all AS FLOAT64) - 5.0e0, 0.0e0)
        )
      END > _sn_items__limit_6 * SQRT(
        CASE
          WHEN (
            (
              _sn_items__core_m2 + _sn_items__s2_6
            ) - (
              _sn_items__s1_6 * (
                _sn_items__s1_6 / NULLIF(CAST(_sn_items__all AS FLOAT64) - 5.0e0, 0.0e0)
              )
            )
          ) / NULLIF((
            CAST(_sn_items__all AS FLOAT64) - 5.0e0
          ) - 1.0e0, 0.0e0) >= 0.0e0
          THEN (
            (
              _sn_items__core_m2 + _sn_items__s2_6
            ) - (
              _sn_items__s1_6 * (
                _sn_items__s1_6 / NULLIF(CAST(_sn_items__all AS FLOAT64) - 5.0e0, 0.0e0)
              )
            )
          ) / NULLIF((
            CAST(_sn_items__all AS FLOAT64) - 5.0e0
          ) - 1.0e0, 0.0e0)
        END
      )
      THEN 6
      ELSE _sn_items__last_5
    END AS _sn_items__last_6
  FROM left_6
), left_7 AS (
  SELECT
    *,
    SUM(
      CASE
        WHEN _sn_amount__from_low > _sn_amount__lows_6
        OR _sn_amount__from_high > 6 - _sn_amount__lows_6
        THEN _sn_amount__distance
      END
    ) OVER (PARTITION BY _sn__key1) AS _sn_amount__s1_7,
    SUM(
      CASE
        WHEN _sn_amount__from_low > _sn_amount__lows_6
        OR _sn_amount__from_high > 6 - _sn_amount__lows_6
        THEN _sn_amount__distance * _sn_amount__distance
      END
    ) OVER (PARTITION BY _sn__key1) AS _sn_amount__s2_7,
    MIN(
      CASE WHEN _sn_amount__from_low > _sn_amount__lows_6 THEN _sn_amount__distance END
    ) OVER (PARTITION BY _sn__key1) AS _sn_amount__lowest_7,
    MAX(
      CASE
        WHEN _sn_amount__from_high > 6 - _sn_amount__lows_6
        THEN _sn_amount__distance
      END
    ) OVER (PARTITION BY _sn__key1) AS _sn_amount__highest_7,
    MAX(CASE WHEN _sn_amount__from_low = 7 THEN _sn_amount__limit END) OVER (PARTITION BY _sn__key1) AS _sn_amount__limit_7,
    SUM(
      CASE
        WHEN _sn_items__from_low > _sn_items__lows_6
        OR _sn_items__from_high > 6 - _sn_items__lows_6
        THEN _sn_items__distance
      END
    ) OVER (PARTITION BY _sn__key1) AS _sn_items__s1_7,
    SUM(
      CASE
        WHEN _sn_items__from_low > _sn_items__lows_6
        OR _sn_items__from_high > 6 - _sn_items__lows_6
        THEN _sn_items__distance * _sn_items__distance
      END
    ) OVER (PARTITION BY _sn__key1) AS _sn_items__s2_7,
    MIN(CASE WHEN _sn_items__from_low > _sn_items__lows_6 THEN _sn_items__distance END) OVER (PARTITION BY _sn__key1) AS _sn_items__lowest_7,
    MAX(
      CASE WHEN _sn_items__from_high > 6 - _sn_items__lows_6 THEN _sn_items__distance END
    ) OVER (PARTITION BY _sn__key1) AS _sn_items__highest_7,
    MAX(CASE WHEN _sn_items__from_low = 7 THEN _sn_items__limit END) OVER (PARTITION BY _sn__key1) AS _sn_items__limit_7
  FROM taken_6
), taken_7 AS (
  SELECT
    *,
    CASE
      WHEN (
        (
          _sn_amount__s1_7 / NULLIF(CAST(_sn_amount__all AS FLOAT64) - 6.0e0, 0.0e0)
        ) - _sn_amount__lowest_7
      ) * 0.999999999999e0 > _sn_amount__highest_7 - (
        _sn_amount__s1_7 / NULLIF(CAST(_sn_amount__all AS FLOAT64) - 6.0e0, 0.0e0)
      )
      THEN _sn_amount__lows_6 + 1
      ELSE _sn_amount__lows_6
    END AS _sn_amount__lows_7,
    CASE
      WHEN NOT _sn_amount__limit_7 IS NULL
      AND _sn_amount__lowest_7 < _sn_amount__highest_7
      AND CASE
        WHEN (
          (
            _sn_amount__s1_7 / NULLIF(CAST(_sn_amount__all AS FLOAT64) - 6.0e0, 0.0e0)
          ) - _sn_amount__lowest_7
        ) * 0.999999999999e0 > _sn_amount__highest_7 - (
          _sn_amount__s1_7 / NULLIF(CAST(_sn_amount__all AS FLOAT64) - 6.0e0, 0.0e0)
        )
        THEN (
          _sn_amount__s1_7 / NULLIF(CAST(_sn_amount__all AS FLOAT64) - 6.0e0, 0.0e0)
        ) - _sn_amount__lowest_7
        ELSE _sn_amount__highest_7 - (
          _sn_amount__s1_7 / NULLIF(CAST(_sn_amount__all AS FLOAT64) - 6.0e0, 0.0e0)
        )
      END > _sn_amount__limit_7 * SQRT(
        CASE
          WHEN (
            (
              _sn_amount__core_m2 + _sn_amount__s2_7
            ) - (
              _sn_amount__s1_7 * (
                _sn_amount__s1_7 / NULLIF(CAST(_sn_amount__all AS FLOAT64) - 6.0e0, 0.0e0)
              )
            )
          ) / NULLIF((
            CAST(_sn_amount__all AS FLOAT64) - 6.0e0
          ) - 1.0e0, 0.0e0) >= 0.0e0
          THEN (
            (
              _sn_amount__core_m2 + _sn_amount__s2_7
            ) - (
              _sn_amount__s1_7 * (
                _sn_amount__s1_7 / NULLIF(CAST(_sn_amount__all AS FLOAT64) - 6.0e0, 0.0e0)
              )
            )
          ) / NULLIF((
            CAST(_sn_amount__all AS FLOAT64) - 6.0e0
          ) - 1.0e0, 0.0e0)
        END
      )
      THEN 7
      ELSE _sn_amount__last_6
    END AS _sn_amount__last_7,
    CASE
      WHEN (
        (
          _sn_items__s1_7 / NULLIF(CAST(_sn_items__all AS FLOAT64) - 6.0e0, 0.0e0)
        ) - _sn_items__lowest_7
      ) * 0.999999999999e0 > _sn_items__highest_7 - (
        _sn_items__s1_7 / NULLIF(CAST(_sn_items__all AS FLOAT64) - 6.0e0, 0.0e0)
      )
      THEN _sn_items__lows_6 + 1
      ELSE _sn_items__lows_6
    END AS _sn_items__lows_7,
    CASE
      WHEN NOT _sn_items__limit_7 IS NULL
      AND _sn_items__lowest_7 < _sn_items__highest_7
      AND CASE
        WHEN (
          (
            _sn_items__s1_7 / NULLIF(CAST(_sn_items__all AS FLOAT64) - 6.0e0, 0.0e0)
          ) - _sn_items__lowest_7
        ) * 0.999999999999e0 > _sn_items__highest_7 - (
          _sn_items__s1_7 / NULLIF(CAST(_sn_items__all AS FLOAT64) - 6.0e0, 0.0e0)
        )
        THEN (
          _sn_items__s1_7 / NULLIF(CAST(_sn_items__all AS FLOAT64) - 6.0e0, 0.0e0)
        ) - _sn_items__lowest_7
        ELSE _sn_items__highest_7 - (
          _sn_items__s1_7 / NULLIF(CAST(_sn_items__all AS FLOAT64) - 6.0e0, 0.0e0)
        )
      END > _sn_items__limit_7 * SQRT(
        CASE
          WHEN (
            (
              _sn_items__core_m2 + _sn_items__s2_7
            ) - (
              _sn_items__s1_7 * (
                _sn_items__s1_7 / NULLIF(CAST(_sn_items__all AS FLOAT64) - 6.0e0, 0.0e0)
              )
            )
          ) / NULLIF((
            CAST(_sn_items__all AS FLOAT64) - 6.0e0
          ) - 1.0e0, 0.0e0) >= 0.0e0
          THEN (
            (
              _sn_items__core_m2 + _sn_items__s2_7
            ) - (
              _sn_items__s1_7 * (
                _sn_items__s1_7 / NULLIF(CAST(_sn_items__all AS FLOAT64) - 6.0e0, 0.0e0)
              )
            )
          ) / NULLIF((
            CAST(_sn_items__all AS FLOAT64) - 6.0e0
          ) - 1.0e0, 0.0e0)
        END
      )
      THEN 7
      ELSE _sn_items__last_6
    END AS _sn_items__last_7
  FROM left_7
), left_8 AS (
  SELECT
    *,
    SUM(
      CASE
        WHEN _sn_amount__from_low > _sn_amount__lows_7
        OR _sn_amount__from_high > 7 - _sn_amount__lows_7
        THEN _sn_amount__distance
      END
    ) OVER (PARTITION BY _sn__key1) AS _sn_amount__s1_8,
    SUM(
      CASE
        WHEN _sn_amount__from_low > _sn_amount__lows_7
        OR _sn_amount__from_high > 7 - _sn_amount__lows_7
        THEN _sn_amount__distance * _sn_amount__distance
      END
    ) OVER (PARTITION BY _sn__key1) AS _sn_amount__s2_8,
    MIN(
      CASE WHEN _sn_amount__from_low > _sn_amount__lows_7 THEN _sn_amount__distance END
    ) OVER (PARTITION BY _sn__key1) AS _sn_amount__lowest_8,
    MAX(
      CASE
        WHEN _sn_amount__from_high > 7 - _sn_amount__lows_7
        THEN _sn_amount__distance
      END
    ) OVER (PARTITION BY _sn__key1) AS _sn_amount__highest_8,
    MAX(CASE WHEN _sn_amount__from_low = 8 THEN _sn_amount__limit END) OVER (PARTITION BY _sn__key1) AS _sn_amount__limit_8,
    SUM(
      CASE
        WHEN _sn_items__from_low > _sn_items__lows_7
        OR _sn_items__from_high > 7 - _sn_items__lows_7
        THEN _sn_items__distance
      END
    ) OVER (PARTITION BY _sn__key1) AS _sn_items__s1_8,
    SUM(
      CASE
        WHEN _sn_items__from_low > _sn_items__lows_7
        OR _sn_items__from_high > 7 - _sn_items__lows_7
        THEN _sn_items__distance * _sn_items__distance
      END
    ) OVER (PARTITION BY _sn__key1) AS _sn_items__s2_8,
    MIN(CASE WHEN _sn_items__from_low > _sn_items__lows_7 THEN _sn_items__distance END) OVER (PARTITION BY _sn__key1) AS _sn_items__lowest_8,
    MAX(
      CASE WHEN _sn_items__from_high > 7 - _sn_items__lows_7 THEN _sn_items__distance END
    ) OVER (PARTITION BY _sn__key1) AS _sn_items__highest_8,
    MAX(CASE WHEN _sn_items__from_low = 8 THEN _sn_items__limit END) OVER (PARTITION BY _sn__key1) AS _sn_items__limit_8
  FROM taken_7
), taken_8 AS (
  SELECT
    *,
    CASE
      WHEN (
        (
          _sn_amount__s1_8 / NULLIF(CAST(_sn_amount__all AS FLOAT64) - 7.0e0, 0.0e0)
        ) - _sn_amount__lowest_8
      ) * 0.999999999999e0 > _sn_amount__highest_8 - (
        _sn_amount__s1_8 / NULLIF(CAST(_sn_amount__all AS FLOAT64) - 7.0e0, 0.0e0)
      )
      THEN _sn_amount__lows_7 + 1
      ELSE _sn_amount__lows_7
    END AS _sn_amount__lows_8,
    CASE
      WHEN NOT _sn_amount__limit_8 IS NULL
      AND _sn_amount__lowest_8 < _sn_amount__highest_8
      AND CASE
        WHEN (
          (
            _sn_amount__s1_8 / NULLIF(CAST(_sn_amount__all AS FLOAT64) - 7.0e0, 0.0e0)
          ) - _sn_amount__lowest_8
        ) * 0.999999999999e0 > _sn_amount__highest_8 - (
          _sn_amount__s1_8 / NULLIF(CAST(_sn_amount__all AS FLOAT64) - 7.0e0, 0.0e0)
        )
        THEN (
          _sn_amount__s1_8 / NULLIF(CAST(_sn_amount__all AS FLOAT64) - 7.0e0, 0.0e0)
        ) - _sn_amount__lowest_8
        ELSE _sn_amount__highest_8 - (
          _sn_amount__s1_8 / NULLIF(CAST(_sn_amount__all AS FLOAT64) - 7.0e0, 0.0e0)
        )
      END > _sn_amount__limit_8 * SQRT(
        CASE
          WHEN (
            (
              _sn_amount__core_m2 + _sn_amount__s2_8
            ) - (
              _sn_amount__s1_8 * (
                _sn_amount__s1_8 / NULLIF(CAST(_sn_amount__all AS FLOAT64) - 7.0e0, 0.0e0)
              )
            )
          ) / NULLIF((
            CAST(_sn_amount__all AS FLOAT64) - 7.0e0
          ) - 1.0e0, 0.0e0) >= 0.0e0
          THEN (
            (
              _sn_amount__core_m2 + _sn_amount__s2_8
            ) - (
              _sn_amount__s1_8 * (
                _sn_amount__s1_8 / NULLIF(CAST(_sn_amount__all AS FLOAT64) - 7.0e0, 0.0e0)
              )
            )
          ) / NULLIF((
            CAST(_sn_amount__all AS FLOAT64) - 7.0e0
          ) - 1.0e0, 0.0e0)
        END
      )
      THEN 8
      ELSE _sn_amount__last_7
    END AS _sn_amount__last_8,
    CASE
      WHEN (
        (
          _sn_items__s1_8 / NULLIF(CAST(_sn_items__all AS FLOAT64) - 7.0e0, 0.0e0)
        ) - _sn_items__lowest_8
      ) * 0.999999999999e0 > _sn_items__highest_8 - (
        _sn_items__s1_8 / NULLIF(CAST(_sn_items__all AS FLOAT64) - 7.0e0, 0.0e0)
      )
      THEN _sn_items__lows_7 + 1
      ELSE _sn_items__lows_7
    END AS _sn_items__lows_8,
    CASE
      WHEN NOT _sn_items__limit_8 IS NULL
      AND _sn_items__lowest_8 < _sn_items__highest_8
      AND CASE
        WHEN (
          (
            _sn_items__s1_8 / NULLIF(CAST(_sn_items__all AS FLOAT64) - 7.0e0, 0.0e0)
          ) - _sn_items__lowest_8
        ) * 0.999999999999e0 > _sn_items__highest_8 - (
          _sn_items__s1_8 / NULLIF(CAST(_sn_items__all AS FLOAT64) - 7.0e0, 0.0e0)
        )
        THEN (
          _sn_items__s1_8 / NULLIF(CAST(_sn_items__all AS FLOAT64) - 7.0e0, 0.0e0)
        ) - _sn_items__lowest_8
        ELSE _sn_items__highest_8 - (
          _sn_items__s1_8 / NULLIF(CAST(_sn_items__all AS FLOAT64) - 7.0e0, 0.0e0)
        )
      END > _sn_items__limit_8 * SQRT(
        CASE
          WHEN (
            (
              _sn_items__core_m2 + _sn_items__s2_8
            ) - (
              _sn_items__s1_8 * (
                _sn_items__s1_8 / NULLIF(CAST(_sn_items__all AS FLOAT64) - 7.0e0, 0.0e0)
              )
            )
          ) / NULLIF((
            CAST(_sn_items__all AS FLOAT64) - 7.0e0
          ) - 1.0e0, 0.0e0) >= 0.0e0
          THEN (
            (
              _sn_items__core_m2 + _sn_items__s2_8
            ) - (
              _sn_items__s1_8 * (
                _sn_items__s1_8 / NULLIF(CAST(_sn_items__all AS FLOAT64) - 7.0e0, 0.0e0)
              )
            )
          ) / NULLIF((
            CAST(_sn_items__all AS FLOAT64) - 7.0e0
          ) - 1.0e0, 0.0e0)
        END
      )
      THEN 8
      ELSE _sn_items__last_7
    END AS _sn_items__last_8
  FROM left_8
), left_9 AS (
  SELECT
    *,
    SUM(
      CASE
        WHEN _sn_amount__from_low > _sn_amount__lows_8
        OR _sn_amount__from_high > 8 - _sn_amount__lows_8
        THEN _sn_amount__distance
      END
    ) OVER (PARTITION BY _sn__key1) AS _sn_amount__s1_9,
    SUM(
      CASE
        WHEN _sn_amount__from_low > _sn_amount__lows_8
        OR _sn_amount__from_high > 8 - _sn_amount__lows_8
        THEN _sn_amount__distance * _sn_amount__distance
      END
    ) OVER (PARTITION BY _sn__key1) AS _sn_amount__s2_9,
    MIN(
      CASE WHEN _sn_amount__from_low > _sn_amount__lows_8 THEN _sn_amount__distance END
    ) OVER (PARTITION BY _sn__key1) AS _sn_amount__lowest_9,
    MAX(
      CASE
        WHEN _sn_amount__from_high > 8 - _sn_amount__lows_8
        THEN _sn_amount__distance
      END
    ) OVER (PARTITION BY _sn__key1) AS _sn_amount__highest_9,
    MAX(CASE WHEN _sn_amount__from_low = 9 THEN _sn_amount__limit END) OVER (PARTITION BY _sn__key1) AS _sn_amount__limit_9,
    SUM(
      CASE
        WHEN _sn_items__from_low > _sn_items__lows_8
        OR _sn_items__from_high > 8 - _sn_items__lows_8
        THEN _sn_items__distance
      END
    ) OVER (PARTITION BY _sn__key1) AS _sn_items__s1_9,
    SUM(
      CASE
        WHEN _sn_items__from_low > _sn_items__lows_8
        OR _sn_items__from_high > 8 - _sn_items__lows_8
        THEN _sn_items__distance * _sn_items__distance
      END
    ) OVER (PARTITION BY _sn__key1) AS _sn_items__s2_9,
    MIN(CASE WHEN _sn_items__from_low > _sn_items__lows_8 THEN _sn_items__distance END) OVER (PARTITION BY _sn__key1) AS _sn_items__lowest_9,
    MAX(
      CASE WHEN _sn_items__from_high > 8 - _sn_items__lows_8 THEN _sn_items__distance END
    ) OVER (PARTITION BY _sn__key1) AS _sn_items__highest_9,
    MAX(CASE WHEN _sn_items__from_low = 9 THEN _sn_items__limit END) OVER (PARTITION BY _sn__key1) AS _sn_items__limit_9
  FROM taken_8
), taken_9 AS (
  SELECT
    *,
    CASE
      WHEN (
        (
          _sn_amount__s1_9 / NULLIF(CAST(_sn_amount__all AS FLOAT64) - 8.0e0, 0.0e0)
        ) - _sn_amount__lowest_9
      ) * 0.999999999999e0 > _sn_amount__highest_9 - (
        _sn_amount__s1_9 / NULLIF(CAST(_sn_amount__all AS FLOAT64) - 8.0e0, 0.0e0)
      )
      THEN _sn_amount__lows_8 + 1
      ELSE _sn_amount__lows_8
    END AS _sn_amount__lows_9,
    CASE
      WHEN NOT _sn_amount__limit_9 IS NULL
      AND _sn_amount__lowest_9 < _sn_amount__highest_9
      AND CASE
        WHEN (
          (
            _sn_amount__s1_9 / NULLIF(CAST(_sn_amount__all AS FLOAT64) - 8.0e0, 0.0e0)
          ) - _sn_amount__lowest_9
        ) * 0.999999999999e0 > _sn_amount__highest_9 - (
          _sn_amount__s1_9 / NULLIF(CAST(_sn_amount__all AS FLOAT64) - 8.0e0, 0.0e0)
        )
        THEN (
          _sn_amount__s1_9 / NULLIF(CAST(_sn_amount__all AS FLOAT64) - 8.0e0, 0.0e0)
        ) - _sn_amount__lowest_9
        ELSE _sn_amount__highest_9 - (
          _sn_amount__s1_9 / NULLIF(CAST(_sn_amount__all AS FLOAT64) - 8.0e0, 0.0e0)
        )
      END > _sn_amount__limit_9 * SQRT(
        CASE
          WHEN (
            (
              _sn_amount__core_m2 + _sn_amount__s2_9
            ) - (
              _sn_amount__s1_9 * (
                _sn_amount__s1_9 / NULLIF(CAST(_sn_amount__all AS FLOAT64) - 8.0e0, 0.0e0)
              )
            )
          ) / NULLIF((
            CAST(_sn_amount__all AS FLOAT64) - 8.0e0
          ) - 1.0e0, 0.0e0) >= 0.0e0
          THEN (
            (
              _sn_amount__core_m2 + _sn_amount__s2_9
            ) - (
              _sn_amount__s1_9 * (
                _sn_amount__s1_9 / NULLIF(CAST(_sn_amount__all AS FLOAT64) - 8.0e0, 0.0e0)
              )
            )
          ) / NULLIF((
            CAST(_sn_amount__all AS FLOAT64) - 8.0e0
          ) - 1.0e0, 0.0e0)
        END
      )
      THEN 9
      ELSE _sn_amount__last_8
    END AS _sn_amount__last_9,
    CASE
      WHEN (
        (
          _sn_items__s1_9 / NULLIF(CAST(_sn_items__all AS FLOAT64) - 8.0e0, 0.0e0)
        ) - _sn_items__lowest_9
      ) * 0.999999999999e0 > _sn_items__highest_9 - (
        _sn_items__s1_9 / NULLIF(CAST(_sn_items__all AS FLOAT64) - 8.0e0, 0.0e0)
      )
      THEN _sn_items__lows_8 + 1
      ELSE _sn_items__lows_8
    END AS _sn_items__lows_9,
    CASE
      WHEN NOT _sn_items__limit_9 IS NULL
      AND _sn_items__lowest_9 < _sn_items__highest_9
      AND CASE
        WHEN (
          (
            _sn_items__s1_9 / NULLIF(CAST(_sn_items__all AS FLOAT64) - 8.0e0, 0.0e0)
          ) - _sn_items__lowest_9
        ) * 0.999999999999e0 > _sn_items__highest_9 - (
          _sn_items__s1_9 / NULLIF(CAST(_sn_items__all AS FLOAT64) - 8.0e0, 0.0e0)
        )
        THEN (
          _sn_items__s1_9 / NULLIF(CAST(_sn_items__all AS FLOAT64) - 8.0e0, 0.0e0)
        ) - _sn_items__lowest_9
        ELSE _sn_items__highest_9 - (
          _sn_items__s1_9 / NULLIF(CAST(_sn_items__all AS FLOAT64) - 8.0e0, 0.0e0)
        )
      END > _sn_items__limit_9 * SQRT(
        CASE
          WHEN (
            (
              _sn_items__core_m2 + _sn_items__s2_9
            ) - (
              _sn_items__s1_9 * (
                _sn_items__s1_9 / NULLIF(CAST(_sn_items__all AS FLOAT64) - 8.0e0, 0.0e0)
              )
            )
          ) / NULLIF((
            CAST(_sn_items__all AS FLOAT64) - 8.0e0
          ) - 1.0e0, 0.0e0) >= 0.0e0
          THEN (
            (
              _sn_items__core_m2 + _sn_items__s2_9
            ) - (
              _sn_items__s1_9 * (
                _sn_items__s1_9 / NULLIF(CAST(_sn_items__all AS FLOAT64) - 8.0e0, 0.0e0)
              )
            )
          ) / NULLIF((
            CAST(_sn_items__all AS FLOAT64) - 8.0e0
          ) - 1.0e0, 0.0e0)
        END
      )
      THEN 9
      ELSE _sn_items__last_8
    END AS _sn_items__last_9
  FROM left_9
), left_10 AS (
  SELECT
    *,
    SUM(
      CASE
        WHEN _sn_amount__from_low > _sn_amount__lows_9
        OR _sn_amount__from_high > 9 - _sn_amount__lows_9
        THEN _sn_amount__distance
      END
    ) OVER (PARTITION BY _sn__key1) AS _sn_amount__s1_10,
    SUM(
      CASE
        WHEN _sn_amount__from_low > _sn_amount__lows_9
        OR _sn_amount__from_high > 9 - _sn_amount__lows_9
        THEN _sn_amount__distance * _sn_amount__distance
      END
    ) OVER (PARTITION BY _sn__key1) AS _sn_amount__s2_10,
    MIN(
      CASE WHEN _sn_amount__from_low > _sn_amount__lows_9 THEN _sn_amount__distance END
    ) OVER (PARTITION BY _sn__key1) AS _sn_amount__lowest_10,
    MAX(
      CASE
        WHEN _sn_amount__from_high > 9 - _sn_amount__lows_9
        THEN _sn_amount__distance
      END
    ) OVER (PARTITION BY _sn__key1) AS _sn_amount__highest_10,
    MAX(CASE WHEN _sn_amount__from_low = 10 THEN _sn_amount__limit END) OVER (PARTITION BY _sn__key1) AS _sn_amount__limit_10,
    SUM(
      CASE
        WHEN _sn_items__from_low > _sn_items__lows_9
        OR _sn_items__from_high > 9 - _sn_items__lows_9
        THEN _sn_items__distance
      END
    ) OVER (PARTITION BY _sn__key1) AS _sn_items__s1_10,
    SUM(
      CASE
        WHEN _sn_items__from_low > _sn_items__lows_9
        OR _sn_items__from_high > 9 - _sn_items__lows_9
        THEN _sn_items__distance * _sn_items__distance
      END
    ) OVER (PARTITION BY _sn__key1) AS _sn_items__s2_10,
    MIN(CASE WHEN _sn_items__from_low > _sn_items__lows_9 THEN _sn_items__distance END) OVER (PARTITION BY _sn__key1) AS _sn_items__lowest_10,
    MAX(
      CASE WHEN _sn_items__from_high > 9 - _sn_items__lows_9 THEN _sn_items__distance END
    ) OVER (PARTITION BY _sn__key1) AS _sn_items__highest_10,
    MAX(CASE WHEN _sn_items__from_low = 10 THEN _sn_items__limit END) OVER (PARTITION BY _sn__key1) AS _sn_items__limit_10
  FROM taken_9
), taken_10 AS (
  SELECT
    *,
    CASE
      WHEN (
        (
          _sn_amount__s1_10 / NULLIF(CAST(_sn_amount__all AS FLOAT64) - 9.0e0, 0.0e0)
        ) - _sn_amount__lowest_10
      ) * 0.999999999999e0 > _sn_amount__highest_10 - (
        _sn_amount__s1_10 / NULLIF(CAST(_sn_amount__all AS FLOAT64) - 9.0e0, 0.0e0)
      )
      THEN _sn_amount__lows_9 + 1
      ELSE _sn_amount__lows_9
    END AS _sn_amount__lows_10,
    CASE
      WHEN NOT _sn_amount__limit_10 IS NULL
      AND _sn_amount__lowest_10 < _sn_amount__highest_10
      AND CASE
        WHEN (
          (
            _sn_amount__s1_10 / NULLIF(CAST(_sn_amount__all AS FLOAT64) - 9.0e0, 0.0e0)
          ) - _sn_amount__lowest_10
        ) * 0.999999999999e0 > _sn_amount__highest_10 - (
          _sn_amount__s1_10 / NULLIF(CAST(_sn_amount__all AS FLOAT64) - 9.0e0, 0.0e0)
        )
        THEN (
          _sn_amount__s1_10 / NULLIF(CAST(_sn_amount__all AS FLOAT64) - 9.0e0, 0.0e0)
        ) - _sn_amount__lowest_10
        ELSE _sn_amount__highest_10 - (
          _sn_amount__s1_10 / NULLIF(CAST(_sn_amount__all AS FLOAT64) - 9.0e0, 0.0e0)
        )
      END > _sn_amount__limit_10 * SQRT(
        CASE
          WHEN (
            (
              _sn_amount__core_m2 + _sn_amount__s2_10
            ) - (
              _sn_amount__s1_10 * (
                _sn_amount__s1_10 / NULLIF(CAST(_sn_amount__all AS FLOAT64) - 9.0e0, 0.0e0)
              )
            )
          ) / NULLIF((
            CAST(_sn_amount__all AS FLOAT64) - 9.0e0
          ) - 1.0e0, 0.0e0) >= 0.0e0
          THEN (
            (
              _sn_amount__core_m2 + _sn_amount__s2_10
            ) - (
              _sn_amount__s1_10 * (
                _sn_amount__s1_10 / NULLIF(CAST(_sn_amount__all AS FLOAT64) - 9.0e0, 0.0e0)
              )
            )
          ) / NULLIF((
            CAST(_sn_amount__all AS FLOAT64) - 9.0e0
          ) - 1.0e0, 0.0e0)
        END
      )
      THEN 10
      ELSE _sn_amount__last_9
    END AS _sn_amount__last_10,
    CASE
      WHEN (
        (
          _sn_items__s1_10 / NULLIF(CAST(_sn_items__all AS FLOAT64) - 9.0e0, 0.0e0)
        ) - _sn_items__lowest_10
      ) * 0.999999999999e0 > _sn_items__highest_10 - (
        _sn_items__s1_10 / NULLIF(CAST(_sn_items__all AS FLOAT64) - 9.0e0, 0.0e0)
      )
      THEN _sn_items__lows_9 + 1
      ELSE _sn_items__lows_9
    END AS _sn_items__lows_10,
    CASE
      WHEN NOT _sn_items__limit_10 IS NULL
      AND _sn_items__lowest_10 < _sn_items__highest_10
      AND CASE
        WHEN (
          (
            _sn_items__s1_10 / NULLIF(CAST(_sn_items__all AS FLOAT64) - 9.0e0, 0.0e0)
          ) - _sn_items__lowest_10
        ) * 0.999999999999e0 > _sn_items__highest_10 - (
          _sn_items__s1_10 / NULLIF(CAST(_sn_items__all AS FLOAT64) - 9.0e0, 0.0e0)
        )
        THEN (
          _sn_items__s1_10 / NULLIF(CAST(_sn_items__all AS FLOAT64) - 9.0e0, 0.0e0)
        ) - _sn_items__lowest_10
        ELSE _sn_items__highest_10 - (
          _sn_items__s1_10 / NULLIF(CAST(_sn_items__all AS FLOAT64) - 9.0e0, 0.0e0)
        )
      END > _sn_items__limit_10 * SQRT(
        CASE
          WHEN (
            (
              _sn_items__core_m2 + _sn_items__s2_10
            ) - (
              _sn_items__s1_10 * (
                _sn_items__s1_10 / NULLIF(CAST(_sn_items__all AS FLOAT64) - 9.0e0, 0.0e0)
              )
            )
          ) / NULLIF((
            CAST(_sn_items__all AS FLOAT64) - 9.0e0
          ) - 1.0e0, 0.0e0) >= 0.0e0
          THEN (
            (
              _sn_items__core_m2 + _sn_items__s2_10
            ) - (
              _sn_items__s1_10 * (
                _sn_items__s1_10 / NULLIF(CAST(_sn_items__all AS FLOAT64) - 9.0e0, 0.0e0)
              )
            )
          ) / NULLIF((
            CAST(_sn_items__all AS FLOAT64) - 9.0e0
          ) - 1.0e0, 0.0e0)
        END
      )
      THEN 10
      ELSE _sn_items__last_9
    END AS _sn_items__last_10
  FROM left_10
), found AS (
  SELECT
    *,
    CASE
      WHEN _sn_amount__last_10 = 1
      THEN _sn_amount__lows_1
      WHEN _sn_amount__last_10 = 2
      THEN _sn_amount__lows_2
      WHEN _sn_amount__last_10 = 3
      THEN _sn_amount__lows_3
      WHEN _sn_amount__last_10 = 4
      THEN _sn_amount__lows_4
      WHEN _sn_amount__last_10 = 5
      THEN _sn_amount__lows_5
      WHEN _sn_amount__last_10 = 6
      THEN _sn_amount__lows_6
      WHEN _sn_amount__last_10 = 7
      THEN _sn_amount__lows_7
      WHEN _sn_amount__last_10 = 8
      THEN _sn_amount__lows_8
      WHEN _sn_amount__last_10 = 9
      THEN _sn_amount__lows_9
      WHEN _sn_amount__last_10 = 10
      THEN _sn_amount__lows_10
      ELSE 0
    END AS _sn_amount__lows,
    CASE
      WHEN _sn_amount__last_10 = 1
      THEN 1 - _sn_amount__lows_1
      WHEN _sn_amount__last_10 = 2
      THEN 2 - _sn_amount__lows_2
      WHEN _sn_amount__last_10 = 3
      THEN 3 - _sn_amount__lows_3
      WHEN _sn_amount__last_10 = 4
      THEN 4 - _sn_amount__lows_4
      WHEN _sn_amount__last_10 = 5
      THEN 5 - _sn_amount__lows_5
      WHEN _sn_amount__last_10 = 6
      THEN 6 - _sn_amount__lows_6
      WHEN _sn_amount__last_10 = 7
      THEN 7 - _sn_amount__lows_7
      WHEN _sn_amount__last_10 = 8
      THEN 8 - _sn_amount__lows_8
      WHEN _sn_amount__last_10 = 9
      THEN 9 - _sn_amount__lows_9
      WHEN _sn_amount__last_10 = 10
      THEN 10 - _sn_amount__lows_10
      ELSE 0
    END AS _sn_amount__highs,
    CASE
      WHEN _sn_items__last_10 = 1
      THEN _sn_items__lows_1
      WHEN _sn_items__last_10 = 2
      THEN _sn_items__lows_2
      WHEN _sn_items__last_10 = 3
      THEN _sn_items__lows_3
      WHEN _sn_items__last_10 = 4
      THEN _sn_items__lows_4
      WHEN _sn_items__last_10 = 5
      THEN _sn_items__lows_5
      WHEN _sn_items__last_10 = 6
      THEN _sn_items__lows_6
      WHEN _sn_items__last_10 = 7
      THEN _sn_items__lows_7
      WHEN _sn_items__last_10 = 8
      THEN _sn_items__lows_8
      WHEN _sn_items__last_10 = 9
      THEN _sn_items__lows_9
      WHEN _sn_items__last_10 = 10
      THEN _sn_items__lows_10
      ELSE 0
    END AS _sn_items__lows,
    CASE
      WHEN _sn_items__last_10 = 1
      THEN 1 - _sn_items__lows_1
      WHEN _sn_items__last_10 = 2
      THEN 2 - _sn_items__lows_2
      WHEN _sn_items__last_10 = 3
      THEN 3 - _sn_items__lows_3
      WHEN _sn_items__last_10 = 4
      THEN 4 - _sn_items__lows_4
      WHEN _sn_items__last_10 = 5
      THEN 5 - _sn_items__lows_5
      WHEN _sn_items__last_10 = 6
      THEN 6 - _sn_items__lows_6
      WHEN _sn_items__last_10 = 7
      THEN 7 - _sn_items__lows_7
      WHEN _sn_items__last_10 = 8
      THEN 8 - _sn_items__lows_8
      WHEN _sn_items__last_10 = 9
      THEN 9 - _sn_items__lows_9
      WHEN _sn_items__last_10 = 10
      THEN 10 - _sn_items__lows_10
      ELSE 0
    END AS _sn_items__highs
  FROM taken_10
), cleaned AS (
  SELECT
    _sn__key1,
    MIN(_sn_amount__n) AS _sn_amount__n,
    MIN(_sn_amount__core_mean) AS _sn_amount__core_mean,
    MIN(_sn_amount__core_m2) AS _sn_amount__core_m2,
    MIN(_sn_amount__core_low) AS _sn_amount__core_low,
    MIN(_sn_amount__core_high) AS _sn_amount__core_high,
    MIN(_sn_amount__low) AS _sn_amount__low,
    MIN(_sn_amount__high) AS _sn_amount__high,
    MIN(_sn_items__n) AS _sn_items__n,
    MIN(_sn_items__core_mean) AS _sn_items__core_mean,
    MIN(_sn_items__core_m2) AS _sn_items__core_m2,
    MIN(_sn_items__core_low) AS _sn_items__core_low,
    MIN(_sn_items__core_high) AS _sn_items__core_high,
    MIN(_sn_items__low) AS _sn_items__low,
    MIN(_sn_items__high) AS _sn_items__high,
    SUM(
      CASE
        WHEN _sn_amount__from_low > _sn_amount__lows
        OR _sn_amount__from_high > _sn_amount__highs
        THEN _sn_amount__distance
      END
    ) AS _sn_amount__s1,
    SUM(
      CASE
        WHEN _sn_amount__from_low > _sn_amount__lows
        OR _sn_amount__from_high > _sn_amount__highs
        THEN _sn_amount__distance * _sn_amount__distance
      END
    ) AS _sn_amount__s2,
    MAX(_sn_amount__lows + _sn_amount__highs) AS _sn_amount__outliers,
    MAX(CASE WHEN _sn_amount__from_low <= _sn_amount__lows THEN _sn_amount__x END) AS _sn_amount__low_taken,
    MIN(CASE WHEN _sn_amount__from_low > _sn_amount__lows THEN _sn_amount__x END) AS _sn_amount__low_kept,
    MAX(CASE WHEN _sn_amount__from_high > _sn_amount__highs THEN _sn_amount__x END) AS _sn_amount__high_kept,
    MIN(CASE WHEN _sn_amount__from_high <= _sn_amount__highs THEN _sn_amount__x END) AS _sn_amount__high_taken,
    SUM(
      CASE
        WHEN _sn_items__from_low > _sn_items__lows OR _sn_items__from_high > _sn_items__highs
        THEN _sn_items__distance
      END
    ) AS _sn_items__s1,
    SUM(
      CASE
        WHEN _sn_items__from_low > _sn_items__lows OR _sn_items__from_high > _sn_items__highs
        THEN _sn_items__distance * _sn_items__distance
      END
    ) AS _sn_items__s2,
    MAX(_sn_items__lows + _sn_items__highs) AS _sn_items__outliers,
    MAX(CASE WHEN _sn_items__from_low <= _sn_items__lows THEN _sn_items__x END) AS _sn_items__low_taken,
    MIN(CASE WHEN _sn_items__from_low > _sn_items__lows THEN _sn_items__x END) AS _sn_items__low_kept,
    MAX(CASE WHEN _sn_items__from_high > _sn_items__highs THEN _sn_items__x END) AS _sn_items__high_kept,
    MIN(CASE WHEN _sn_items__from_high <= _sn_items__highs THEN _sn_items__x END) AS _sn_items__high_taken
  FROM found
  GROUP BY
    _sn__key1
), kept AS (
  SELECT
    *,
    CAST(_sn_amount__n AS FLOAT64) - CAST(_sn_amount__outliers AS FLOAT64) AS _sn_amount__rows,
    COALESCE(_sn_amount__s1, 0.0e0) AS _sn_amount__sum,
    _sn_amount__core_m2 + COALESCE(_sn_amount__s2, 0.0e0) AS _sn_amount__squares,
    COALESCE(_sn_amount__low_kept, _sn_amount__core_low) AS _sn_amount__least,
    COALESCE(_sn_amount__high_kept, _sn_amount__core_high) AS _sn_amount__most,
    CAST(_sn_items__n AS FLOAT64) - CAST(_sn_items__outliers AS FLOAT64) AS _sn_items__rows,
    COALESCE(_sn_items__s1, 0.0e0) AS _sn_items__sum,
    _sn_items__core_m2 + COALESCE(_sn_items__s2, 0.0e0) AS _sn_items__squares,
    COALESCE(_sn_items__low_kept, _sn_items__core_low) AS _sn_items__least,
    COALESCE(_sn_items__high_kept, _sn_items__core_high) AS _sn_items__most
  FROM cleaned
), means AS (
  SELECT
    *,
    CASE
      WHEN _sn_amount__least = _sn_amount__most
      THEN _sn_amount__least
      ELSE _sn_amount__core_mean + (
        _sn_amount__sum / NULLIF(_sn_amount__rows, 0.0e0)
      )
    END AS _sn_amount__centre,
    CASE
      WHEN _sn_amount__least = _sn_amount__most
      THEN 0.0e0
      ELSE SQRT(
        CASE
          WHEN (
            _sn_amount__squares - (
              _sn_amount__sum * (
                _sn_amount__sum / NULLIF(_sn_amount__rows, 0.0e0)
              )
            )
          ) / NULLIF(_sn_amount__rows - 1.0e0, 0.0e0) >= 0.0e0
          THEN (
            _sn_amount__squares - (
              _sn_amount__sum * (
                _sn_amount__sum / NULLIF(_sn_amount__rows, 0.0e0)
              )
            )
          ) / NULLIF(_sn_amount__rows - 1.0e0, 0.0e0)
        END
      )
    END AS _sn_amount__sd,
    _sn_amount__high - _sn_amount__low AS _sn_amount__scale,
    CASE
      WHEN _sn_items__least = _sn_items__most
      THEN _sn_items__least
      ELSE _sn_items__core_mean + (
        _sn_items__sum / NULLIF(_sn_items__rows, 0.0e0)
      )
    END AS _sn_items__centre,
    CASE
      WHEN _sn_items__least = _sn_items__most
      THEN 0.0e0
      ELSE SQRT(
        CASE
          WHEN (
            _sn_items__squares - (
              _sn_items__sum * (
                _sn_items__sum / NULLIF(_sn_items__rows, 0.0e0)
              )
            )
          ) / NULLIF(_sn_items__rows - 1.0e0, 0.0e0) >= 0.0e0
          THEN (
            _sn_items__squares - (
              _sn_items__sum * (
                _sn_items__sum / NULLIF(_sn_items__rows, 0.0e0)
              )
            )
          ) / NULLIF(_sn_items__rows - 1.0e0, 0.0e0)
        END
      )
    END AS _sn_items__sd,
    _sn_items__high - _sn_items__low AS _sn_items__scale
  FROM kept
), places_2 AS (
  SELECT
    *,
    (
      (
        1.0e0 / NULLIF(
          LN(LEAST(GREATEST(CAST(_sn_amount__rows AS FLOAT64), 12.0e0), 1000000000000.0e0)) + 6.0e0,
          0.0e0
        )
      ) - 0.07379539371844827e0
    ) / NULLIF(0.044060941215417565e0, 0.0e0) AS _sn_amount__at,
    (
      (
        1.0e0 / NULLIF(
          LN(LEAST(GREATEST(CAST(_sn_items__rows AS FLOAT64), 12.0e0), 1000000000000.0e0)) + 6.0e0,
          0.0e0
        )
      ) - 0.07379539371844827e0
    ) / NULLIF(0.044060941215417565e0, 0.0e0) AS _sn_items__at
  FROM means
), powers_2 AS (
  SELECT
    *,
    _sn_amount__at AS _sn_amount__p1,
    _sn_amount__at * _sn_amount__at AS _sn_amount__p2,
    (
      _sn_amount__at * _sn_amount__at
    ) * (
      _sn_amount__at * _sn_amount__at
    ) AS _sn_amount__p4,
    (
      (
        _sn_amount__at * _sn_amount__at
      ) * (
        _sn_amount__at * _sn_amount__at
      )
    ) * (
      (
        _sn_amount__at * _sn_amount__at
      ) * (
        _sn_amount__at * _sn_amount__at
      )
    ) AS _sn_amount__p8,
    (
      (
        (
          _sn_amount__at * _sn_amount__at
        ) * (
          _sn_amount__at * _sn_amount__at
        )
      ) * (
        (
          _sn_amount__at * _sn_amount__at
        ) * (
          _sn_amount__at * _sn_amount__at
        )
      )
    ) * (
      (
        (
          _sn_amount__at * _sn_amount__at
        ) * (
          _sn_amount__at * _sn_amount__at
        )
      ) * (
        (
          _sn_amount__at * _sn_amount__at
        ) * (
          _sn_amount__at * _sn_amount__at
        )
      )
    ) AS _sn_amount__p16,
    _sn_items__at AS _sn_items__p1,
    _sn_items__at * _sn_items__at AS _sn_items__p2,
    (
      _sn_items__at * _sn_items__at
    ) * (
      _sn_items__at * _sn_items__at
    ) AS _sn_items__p4,
    (
      (
        _sn_items__at * _sn_items__at
      ) * (
        _sn_items__at * _sn_items__at
      )
    ) * (
      (
        _sn_items__at * _sn_items__at
      ) * (
        _sn_items__at * _sn_items__at
      )
    ) AS _sn_items__p8,
    (
      (
        (
          _sn_items__at * _sn_items__at
        ) * (
          _sn_items__at * _sn_items__at
        )
      ) * (
        (
          _sn_items__at * _sn_items__at
        ) * (
          _sn_items__at * _sn_items__at
        )
      )
    ) * (
      (
        (
          _sn_items__at * _sn_items__at
        ) * (
          _sn_items__at * _sn_items__at
        )
      ) * (
        (
          _sn_items__at * _sn_items__at
        ) * (
          _sn_items__at * _sn_items__at
        )
      )
    ) AS _sn_items__p16
  FROM places_2
), limits_2 AS (
  SELECT
    *,
    CASE
      WHEN _sn_amount__rows = 3
      THEN 1.1543048513440386e0
      WHEN _sn_amount__rows = 4
      THEN 1.48125e0
      WHEN _sn_amount__rows = 5
      THEN 1.7150373123433638e0
      WHEN _sn_amount__rows = 6
      THEN 1.8871451177839336e0
      WHEN _sn_amount__rows = 7
      THEN 2.019968507679597e0
      WHEN _sn_amount__rows = 8
      THEN 2.1266450871954685e0
      WHEN _sn_amount__rows = 9
      THEN 2.215004223325533e0
      WHEN _sn_amount__rows = 10
      THEN 2.2899540844796e0
      WHEN _sn_amount__rows = 11
      THEN 2.354730051565538e0
      WHEN _sn_amount__rows = 12
      THEN 2.4115595184316523e0
      WHEN _sn_amount__rows > 12
      THEN (
        (
          (
            (
              4.1943173687645805e0 + (
                (
                  -1.892437777308234e0
                ) * _sn_amount__p1
              )
            ) + (
              (
                0.5644115084316799e0 + (
                  (
                    -0.566623601301847e0
                  ) * _sn_amount__p1
                )
              ) * _sn_amount__p2
            )
          ) + (
            (
              (
                0.10637333815185443e0 + (
                  (
                    -0.028185604839977514e0
                  ) * _sn_amount__p1
                )
              ) + (
                (
                  0.10327600536848856e0 + (
                    (
                      -0.07043365123912201e0
                    ) * _sn_amount__p1
                  )
                ) * _sn_amount__p2
              )
            ) * _sn_amount__p4
          )
        ) + (
          (
            (
              (
                (
                  -0.011170258806485773e0
                ) + (
                  0.006518703881089157e0 * _sn_amount__p1
                )
              ) + (
                (
                  0.012517198909631917e0 + (
                    (
                      -0.00768938046931022e0
                    ) * _sn_amount__p1
                  )
                ) * _sn_amount__p2
              )
            ) + (
              (
                (
                  0.0018780600899726274e0 + (
                    (
                      -0.0021601589444033486e0
                    ) * _sn_amount__p1
                  )
                ) + (
                  (
                    (
                      -0.0007677090173179599e0
                    ) + (
                      0.002055741810128281e0 * _sn_amount__p1
                    )
                  ) * _sn_amount__p2
                )
              ) * _sn_amount__p4
            )
          ) * _sn_amount__p8
        )
      ) + (
        (
          (
            (
              0.001134783242460721e0 + (
                (
                  -0.0016793489582788358e0
                ) * _sn_amount__p1
              )
            ) + (
              (
                (
                  -0.0004073554904549667e0
                ) + (
                  0.0006046256657073687e0 * _sn_amount__p1
                )
              ) * _sn_amount__p2
            )
          ) + (
            (
              0.0001762847467261674e0 + (
                (
                  -0.00014925429256890877e0
                ) * _sn_amount__p1
              )
            ) * _sn_amount__p4
          )
        ) * _sn_amount__p16
      )
    END AS _sn_amount__limit,
    CASE
      WHEN _sn_items__rows = 3
      THEN 1.1543048513440386e0
      WHEN _sn_items__rows = 4
      THEN 1.48125e0
      WHEN _sn_items__rows = 5
      THEN 1.7150373123433638e0
      WHEN _sn_items__rows = 6
      THEN 1.8871451177839336e0
      WHEN _sn_items__rows = 7
      THEN 2.019968507679597e0
      WHEN _sn_items__rows = 8
      THEN 2.1266450871954685e0
      WHEN _sn_items__rows = 9
      THEN 2.215004223325533e0
      WHEN _sn_items__rows = 10
      THEN 2.2899540844796e0
      WHEN _sn_items__rows = 11
      THEN 2.354730051565538e0
      WHEN _sn_items__rows = 12
      THEN 2.4115595184316523e0
      WHEN _sn_items__rows > 12
      THEN (
        (
          (
            (
              4.1943173687645805e0 + (
                (
                  -1.892437777308234e0
                ) * _sn_items__p1
              )
            ) + (
              (
                0.5644115084316799e0 + (
                  (
                    -0.566623601301847e0
                  ) * _sn_items__p1
                )
              ) * _sn_items__p2
            )
          ) + (
            (
              (
                0.10637333815185443e0 + (
                  (
                    -0.028185604839977514e0
                  ) * _sn_items__p1
                )
              ) + (
                (
                  0.10327600536848856e0 + (
                    (
                      -0.07043365123912201e0
                    ) * _sn_items__p1
                  )
                ) * _sn_items__p2
              )
            ) * _sn_items__p4
          )
        ) + (
          (
            (
              (
                (
                  -0.011170258806485773e0
                ) + (
                  0.006518703881089157e0 * _sn_items__p1
                )
              ) + (
                (
                  0.012517198909631917e0 + (
                    (
                      -0.00768938046931022e0
                    ) * _sn_items__p1
                  )
                ) * _sn_items__p2
              )
            ) + (
              (
                (
                  0.0018780600899726274e0 + (
                    (
                      -0.0021601589444033486e0
                    ) * _sn_items__p1
                  )
                ) + (
                  (
                    (
                      -0.0007677090173179599e0
                    ) + (
                      0.002055741810128281e0 * _sn_items__p1
                    )
                  ) * _sn_items__p2
                )
              ) * _sn_items__p4
            )
          ) * _sn_items__p8
        )
      ) + (
        (
          (
            (
              0.001134783242460721e0 + (
                (
                  -0.0016793489582788358e0
                ) * _sn_items__p1
              )
            ) + (
              (
                (
                  -0.0004073554904549667e0
                ) + (
                  0.0006046256657073687e0 * _sn_items__p1
                )
              ) * _sn_items__p2
            )
          ) + (
            (
              0.0001762847467261674e0 + (
                (
                  -0.00014925429256890877e0
                ) * _sn_items__p1
              )
            ) * _sn_items__p4
          )
        ) * _sn_items__p16
      )
    END AS _sn_items__limit
  FROM powers_2
), model AS (
  SELECT
    *,
    CASE
      WHEN NOT _sn_amount__high_taken - _sn_amount__centre IS NULL
      THEN 0.5e0 * (
        (
          _sn_amount__high_taken - _sn_amount__centre
        ) + (
          _sn_amount__most - _sn_amount__centre
        )
      )
      WHEN _sn_amount__most - _sn_amount__centre > _sn_amount__limit * _sn_amount__sd
      THEN _sn_amount__most - _sn_amount__centre
      ELSE _sn_amount__limit * _sn_amount__sd
    END AS _sn_amount__high_edge,
    CASE
      WHEN NOT _sn_amount__centre - _sn_amount__low_taken IS NULL
      THEN 0.5e0 * (
        (
          _sn_amount__centre - _sn_amount__low_taken
        ) + (
          _sn_amount__centre - _sn_amount__least
        )
      )
      WHEN _sn_amount__centre - _sn_amount__least > _sn_amount__limit * _sn_amount__sd
      THEN _sn_amount__centre - _sn_amount__least
      ELSE _sn_amount__limit * _sn_amount__sd
    END AS _sn_amount__low_edge,
    CASE
      WHEN NOT _sn_items__high_taken - _sn_items__centre IS NULL
      THEN 0.5e0 * (
        (
          _sn_items__high_taken - _sn_items__centre
        ) + (
          _sn_items__most - _sn_items__centre
        )
      )
      WHEN _sn_items__most - _sn_items__centre > _sn_items__limit * _sn_items__sd
      THEN _sn_items__most - _sn_items__centre
      ELSE _sn_items__limit * _sn_items__sd
    END AS _sn_items__high_edge,
    CASE
      WHEN NOT _sn_items__centre - _sn_items__low_taken IS NULL
      THEN 0.5e0 * (
        (
          _sn_items__centre - _sn_items__low_taken
        ) + (
          _sn_items__centre - _sn_items__least
        )
      )
      WHEN _sn_items__centre - _sn_items__least > _sn_items__limit * _sn_items__sd
      THEN _sn_items__centre - _sn_items__least
      ELSE _sn_items__limit * _sn_items__sd
    END AS _sn_items__low_edge
  FROM limits_2
), terms AS (
  SELECT
    source.*,
    model._sn_amount__n,
    model._sn_amount__scale,
    model._sn_items__n,
    model._sn_items__scale,
    CASE
      WHEN model._sn_amount__n >= 15
      THEN CASE
        WHEN source._sn_amount = model._sn_amount__centre
        THEN 0.0e0
        WHEN source._sn_amount > model._sn_amount__centre
        AND model._sn_amount__high_edge > 0.0e0
        THEN (
          source._sn_amount - model._sn_amount__centre
        ) / NULLIF(model._sn_amount__high_edge, 0.0e0)
        WHEN source._sn_amount < model._sn_amount__centre
        AND model._sn_amount__low_edge > 0.0e0
        THEN (
          -(
            source._sn_amount - model._sn_amount__centre
          )
        ) / NULLIF(model._sn_amount__low_edge, 0.0e0)
      END
    END AS _sn_amount__term,
    CASE
      WHEN model._sn_items__n >= 15
      THEN CASE
        WHEN source._sn_items = model._sn_items__centre
        THEN 0.0e0
        WHEN source._sn_items > model._sn_items__centre AND model._sn_items__high_edge > 0.0e0
        THEN (
          source._sn_items - model._sn_items__centre
        ) / NULLIF(model._sn_items__high_edge, 0.0e0)
        WHEN source._sn_items < model._sn_items__centre AND model._sn_items__low_edge > 0.0e0
        THEN (
          -(
            source._sn_items - model._sn_items__centre
          )
        ) / NULLIF(model._sn_items__low_edge, 0.0e0)
      END
    END AS _sn_items__term
  FROM source
  LEFT JOIN model
    ON source._sn__key1 IS NOT DISTINCT FROM model._sn__key1
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
  _sn__score > 1.000000001e0 AS alert,
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
    WHEN _sn_amount__raw IS NULL OR _sn_items IS NULL
    THEN 'missing_value'
    WHEN _sn_amount IS NULL OR _sn_items IS NULL
    THEN 'out_of_range'
    WHEN COALESCE(_sn_amount__n, 0) < 15 OR COALESCE(_sn_items__n, 0) < 15
    THEN 'too_few_rows'
    WHEN _sn__score IS NULL
    OR (
      _sn_amount__scale = 0.0e0 AND _sn_items__scale = 0.0e0
    )
    THEN 'constant_baseline'
    ELSE 'ok'
  END AS status
FROM scored
ORDER BY
  id NULLS LAST
