-- SELECT id, anomaly_score(amount, items, detector => 'grubbs')
--              FILTER (WHERE NOT disputed) OVER (PARTITION BY store) AS score
-- FROM orders
/* sqlnomaly 0.1.0: grubbs(amount, items); alpha = 0.05, direction = both, min_rows = 3 */
WITH source AS (
  SELECT
    id,
    CASE WHEN ABS(amount) <= 1e+150 THEN amount END AS _sn_amount,
    CAST(items AS DOUBLE) AS _sn_items,
    store AS _sn__key1,
    CASE WHEN NOT disputed THEN 1 ELSE 0 END AS _sn__fitted
  FROM orders
), baseline AS (
  SELECT
    _sn__key1,
    COUNT(_sn_amount) AS _sn_amount__n,
    AVG(_sn_amount) AS _sn_amount__mean,
    VAR_POP(_sn_amount) * COUNT(_sn_amount) AS _sn_amount__m2,
    MIN(_sn_amount) AS _sn_amount__low,
    MAX(_sn_amount) AS _sn_amount__high,
    COUNT(_sn_items) AS _sn_items__n,
    AVG(_sn_items) AS _sn_items__mean,
    VAR_POP(_sn_items) * COUNT(_sn_items) AS _sn_items__m2,
    MIN(_sn_items) AS _sn_items__low,
    MAX(_sn_items) AS _sn_items__high
  FROM source
  WHERE
    _sn__fitted = 1
  GROUP BY
    _sn__key1
), model AS (
  SELECT
    *,
    CASE
      WHEN _sn_amount__low = _sn_amount__high
      THEN _sn_amount__low
      ELSE _sn_amount__mean
    END AS _sn_amount__centre,
    CASE
      WHEN _sn_amount__low < _sn_amount__high
      AND _sn_amount__m2 / NULLIF(_sn_amount__n - 1, 0.0e0) > 1e-300
      THEN SQRT(
        CASE
          WHEN _sn_amount__m2 / NULLIF(_sn_amount__n - 1, 0.0e0) >= 0.0e0
          THEN _sn_amount__m2 / NULLIF(_sn_amount__n - 1, 0.0e0)
        END
      )
      ELSE 0.0e0
    END AS _sn_amount__scale,
    CASE
      WHEN _sn_items__low = _sn_items__high
      THEN _sn_items__low
      ELSE _sn_items__mean
    END AS _sn_items__centre,
    CASE
      WHEN _sn_items__low < _sn_items__high
      AND _sn_items__m2 / NULLIF(_sn_items__n - 1, 0.0e0) > 1e-300
      THEN SQRT(
        CASE
          WHEN _sn_items__m2 / NULLIF(_sn_items__n - 1, 0.0e0) >= 0.0e0
          THEN _sn_items__m2 / NULLIF(_sn_items__n - 1, 0.0e0)
        END
      )
      ELSE 0.0e0
    END AS _sn_items__scale
  FROM baseline
), places AS (
  SELECT
    *,
    (
      (
        1.0e0 / NULLIF(
          LN(LEAST(GREATEST(CAST(_sn_amount__n AS DOUBLE), 12.0e0), 1000000000000.0e0)) + 6.0e0,
          0.0e0
        )
      ) - 0.07379539371844827e0
    ) / NULLIF(0.044060941215417565e0, 0.0e0) AS _sn_amount__place,
    (
      (
        1.0e0 / NULLIF(
          LN(LEAST(GREATEST(CAST(_sn_items__n AS DOUBLE), 12.0e0), 1000000000000.0e0)) + 6.0e0,
          0.0e0
        )
      ) - 0.07379539371844827e0
    ) / NULLIF(0.044060941215417565e0, 0.0e0) AS _sn_items__place
  FROM model
), powers AS (
  SELECT
    *,
    _sn_amount__place AS _sn_amount__p1,
    _sn_amount__place * _sn_amount__place AS _sn_amount__p2,
    (
      _sn_amount__place * _sn_amount__place
    ) * (
      _sn_amount__place * _sn_amount__place
    ) AS _sn_amount__p4,
    (
      (
        _sn_amount__place * _sn_amount__place
      ) * (
        _sn_amount__place * _sn_amount__place
      )
    ) * (
      (
        _sn_amount__place * _sn_amount__place
      ) * (
        _sn_amount__place * _sn_amount__place
      )
    ) AS _sn_amount__p8,
    (
      (
        (
          _sn_amount__place * _sn_amount__place
        ) * (
          _sn_amount__place * _sn_amount__place
        )
      ) * (
        (
          _sn_amount__place * _sn_amount__place
        ) * (
          _sn_amount__place * _sn_amount__place
        )
      )
    ) * (
      (
        (
          _sn_amount__place * _sn_amount__place
        ) * (
          _sn_amount__place * _sn_amount__place
        )
      ) * (
        (
          _sn_amount__place * _sn_amount__place
        ) * (
          _sn_amount__place * _sn_amount__place
        )
      )
    ) AS _sn_amount__p16,
    _sn_items__place AS _sn_items__p1,
    _sn_items__place * _sn_items__place AS _sn_items__p2,
    (
      _sn_items__place * _sn_items__place
    ) * (
      _sn_items__place * _sn_items__place
    ) AS _sn_items__p4,
    (
      (
        _sn_items__place * _sn_items__place
      ) * (
        _sn_items__place * _sn_items__place
      )
    ) * (
      (
        _sn_items__place * _sn_items__place
      ) * (
        _sn_items__place * _sn_items__place
      )
    ) AS _sn_items__p8,
    (
      (
        (
          _sn_items__place * _sn_items__place
        ) * (
          _sn_items__place * _sn_items__place
        )
      ) * (
        (
          _sn_items__place * _sn_items__place
        ) * (
          _sn_items__place * _sn_items__place
        )
      )
    ) * (
      (
        (
          _sn_items__place * _sn_items__place
        ) * (
          _sn_items__place * _sn_items__place
        )
      ) * (
        (
          _sn_items__place * _sn_items__place
        ) * (
          _sn_items__place * _sn_items__place
        )
      )
    ) AS _sn_items__p16
  FROM places
), limits AS (
  SELECT
    *,
    CASE
      WHEN _sn_amount__n = 3
      THEN 1.1543048513440386e0
      WHEN _sn_amount__n = 4
      THEN 1.48125e0
      WHEN _sn_amount__n = 5
      THEN 1.7150373123433638e0
      WHEN _sn_amount__n = 6
      THEN 1.8871451177839336e0
      WHEN _sn_amount__n = 7
      THEN 2.019968507679597e0
      WHEN _sn_amount__n = 8
      THEN 2.1266450871954685e0
      WHEN _sn_amount__n = 9
      THEN 2.215004223325533e0
      WHEN _sn_amount__n = 10
      THEN 2.2899540844796e0
      WHEN _sn_amount__n = 11
      THEN 2.354730051565538e0
      WHEN _sn_amount__n = 12
      THEN 2.4115595184316523e0
      WHEN _sn_amount__n > 12
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
    END AS _sn_amount__critical,
    CASE
      WHEN _sn_items__n = 3
      THEN 1.1543048513440386e0
      WHEN _sn_items__n = 4
      THEN 1.48125e0
      WHEN _sn_items__n = 5
      THEN 1.7150373123433638e0
      WHEN _sn_items__n = 6
      THEN 1.8871451177839336e0
      WHEN _sn_items__n = 7
      THEN 2.019968507679597e0
      WHEN _sn_items__n = 8
      THEN 2.1266450871954685e0
      WHEN _sn_items__n = 9
      THEN 2.215004223325533e0
      WHEN _sn_items__n = 10
      THEN 2.2899540844796e0
      WHEN _sn_items__n = 11
      THEN 2.354730051565538e0
      WHEN _sn_items__n = 12
      THEN 2.4115595184316523e0
      WHEN _sn_items__n > 12
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
    END AS _sn_items__critical
  FROM powers
), terms AS (
  SELECT
    source.*,
    CASE
      WHEN limits._sn_amount__n >= 3
      THEN CASE
        WHEN limits._sn_amount__scale = 0.0e0
        THEN CASE
          WHEN limits._sn_amount__scale > 0.0e0
          THEN ABS(source._sn_amount - limits._sn_amount__centre) / NULLIF(limits._sn_amount__scale, 0.0e0)
          WHEN source._sn_amount = limits._sn_amount__centre
          THEN 0.0e0
        END
        ELSE CASE
          WHEN limits._sn_amount__scale > 0.0e0
          THEN ABS(source._sn_amount - limits._sn_amount__centre) / NULLIF(limits._sn_amount__scale, 0.0e0)
          WHEN source._sn_amount = limits._sn_amount__centre
          THEN 0.0e0
        END / NULLIF(limits._sn_amount__critical, 0.0e0)
      END
    END AS _sn_amount__term,
    CASE
      WHEN limits._sn_items__n >= 3
      THEN CASE
        WHEN limits._sn_items__scale = 0.0e0
        THEN CASE
          WHEN limits._sn_items__scale > 0.0e0
          THEN ABS(source._sn_items - limits._sn_items__centre) / NULLIF(limits._sn_items__scale, 0.0e0)
          WHEN source._sn_items = limits._sn_items__centre
          THEN 0.0e0
        END
        ELSE CASE
          WHEN limits._sn_items__scale > 0.0e0
          THEN ABS(source._sn_items - limits._sn_items__centre) / NULLIF(limits._sn_items__scale, 0.0e0)
          WHEN source._sn_items = limits._sn_items__centre
          THEN 0.0e0
        END / NULLIF(limits._sn_items__critical, 0.0e0)
      END
    END AS _sn_items__term
  FROM source
  LEFT JOIN limits
    ON source._sn__key1 IS NOT DISTINCT FROM limits._sn__key1
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
