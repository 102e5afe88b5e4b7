-- SELECT id, store,
--        anomaly_score(amount, items, detector => 'ratio_drift') OVER (PARTITION BY store) AS score,
--        is_anomaly(amount, items, detector => 'ratio_drift') OVER (PARTITION BY store) AS alert,
--        anomaly_reason(amount, items, detector => 'ratio_drift') OVER (PARTITION BY store) AS reason,
--        anomaly_status(amount, items, detector => 'ratio_drift') OVER (PARTITION BY store) AS status
-- FROM orders
-- ORDER BY id
/* sqlnomaly 0.1.0: ratio_drift(amount, items); log = True, min_rows = 3 */
WITH source AS (
  SELECT
    id,
    store,
    CASE WHEN ABS(amount) <= 1e+150 THEN amount END AS _sn_amount,
    amount AS _sn_amount__raw,
    CAST(items AS DOUBLE) AS _sn_items,
    store AS _sn__key1
  FROM orders
), ratios AS (
  SELECT
    *,
    LN(
      CASE
        WHEN (
          (
            _sn_amount > 0.0e0 AND _sn_items > 0.0e0
          )
          OR (
            _sn_amount < 0.0e0 AND _sn_items < 0.0e0
          )
        )
        AND ABS(
          LN(CASE WHEN ABS(_sn_amount) > 0.0e0 THEN ABS(_sn_amount) END) - LN(CASE WHEN ABS(_sn_items) > 0.0e0 THEN ABS(_sn_items) END)
        ) <= 345.38776394910684e0
        THEN _sn_amount / NULLIF(_sn_items, 0.0e0)
      END
    ) AS _sn_amount__ratio,
    CASE
      WHEN (
        (
          _sn_amount > 0.0e0 AND _sn_items > 0.0e0
        )
        OR (
          _sn_amount < 0.0e0 AND _sn_items < 0.0e0
        )
      )
      AND ABS(
        LN(CASE WHEN ABS(_sn_amount) > 0.0e0 THEN ABS(_sn_amount) END) - LN(CASE WHEN ABS(_sn_items) > 0.0e0 THEN ABS(_sn_items) END)
      ) <= 345.38776394910684e0
      THEN LN(CASE WHEN ABS(_sn_amount) > 0.0e0 THEN ABS(_sn_amount) END)
    END AS _sn_amount__part,
    CASE
      WHEN (
        (
          _sn_amount > 0.0e0 AND _sn_items > 0.0e0
        )
        OR (
          _sn_amount < 0.0e0 AND _sn_items < 0.0e0
        )
      )
      AND ABS(
        LN(CASE WHEN ABS(_sn_amount) > 0.0e0 THEN ABS(_sn_amount) END) - LN(CASE WHEN ABS(_sn_items) > 0.0e0 THEN ABS(_sn_items) END)
      ) <= 345.38776394910684e0
      THEN LN(CASE WHEN ABS(_sn_items) > 0.0e0 THEN ABS(_sn_items) END)
    END AS _sn_items__part
  FROM source
), ratios_2 AS (
  SELECT
    *,
    LN(
      CASE
        WHEN (
          (
            _sn_amount > 0.0e0 AND _sn_items > 0.0e0
          )
          OR (
            _sn_amount < 0.0e0 AND _sn_items < 0.0e0
          )
        )
        AND ABS(
          LN(CASE WHEN ABS(_sn_amount) > 0.0e0 THEN ABS(_sn_amount) END) - LN(CASE WHEN ABS(_sn_items) > 0.0e0 THEN ABS(_sn_items) END)
        ) <= 345.38776394910684e0
        THEN _sn_amount / NULLIF(_sn_items, 0.0e0)
      END
    ) AS _sn_amount__ratio,
    CASE
      WHEN (
        (
          _sn_amount > 0.0e0 AND _sn_items > 0.0e0
        )
        OR (
          _sn_amount < 0.0e0 AND _sn_items < 0.0e0
        )
      )
      AND ABS(
        LN(CASE WHEN ABS(_sn_amount) > 0.0e0 THEN ABS(_sn_amount) END) - LN(CASE WHEN ABS(_sn_items) > 0.0e0 THEN ABS(_sn_items) END)
      ) <= 345.38776394910684e0
      THEN LN(CASE WHEN ABS(_sn_amount) > 0.0e0 THEN ABS(_sn_amount) END)
    END AS _sn_amount__part,
    CASE
      WHEN (
        (
          _sn_amount > 0.0e0 AND _sn_items > 0.0e0
        )
        OR (
          _sn_amount < 0.0e0 AND _sn_items < 0.0e0
        )
      )
      AND ABS(
        LN(CASE WHEN ABS(_sn_amount) > 0.0e0 THEN ABS(_sn_amount) END) - LN(CASE WHEN ABS(_sn_items) > 0.0e0 THEN ABS(_sn_items) END)
      ) <= 345.38776394910684e0
      THEN LN(CASE WHEN ABS(_sn_items) > 0.0e0 THEN ABS(_sn_items) END)
    END AS _sn_items__part
  FROM source
), centre AS (
  SELECT
    _sn__key1,
    COUNT(CASE WHEN NOT _sn_amount IS NULL AND NOT _sn_items IS NULL THEN 1 END) AS _sn_amount__n,
    COUNT(CASE WHEN NOT _sn_amount IS NULL AND NOT _sn_items IS NULL THEN 1 END) AS _sn_items__n,
    COUNT(_sn_amount__ratio) AS _sn_amount__ratios,
    PERCENTILE(_sn_amount__ratio, 0.5e0) AS _sn_amount__ratio_centre,
    PERCENTILE(_sn_amount__part, 0.5e0) AS _sn_amount__part_centre,
    PERCENTILE(_sn_items__part, 0.5e0) AS _sn_items__part_centre
  FROM ratios_2
  GROUP BY
    _sn__key1
), spread AS (
  SELECT
    ratios_2._sn__key1,
    MIN(centre._sn_amount__n) AS _sn_amount__n,
    MIN(centre._sn_items__n) AS _sn_items__n,
    MIN(centre._sn_amount__ratios) AS _sn_amount__ratios,
    MIN(centre._sn_amount__ratio_centre) AS _sn_amount__ratio_centre,
    MIN(centre._sn_amount__part_centre) AS _sn_amount__part_centre,
    MIN(centre._sn_items__part_centre) AS _sn_items__part_centre,
    PERCENTILE(
      ABS(
        CASE
          WHEN ABS(ratios_2._sn_amount__ratio - centre._sn_amount__ratio_centre) <= 1e-14 * (
            1.0e0 + ABS(centre._sn_amount__ratio_centre)
          )
          THEN 0.0e0
          ELSE ratios_2._sn_amount__ratio - centre._sn_amount__ratio_centre
        END
      ),
      0.5e0
    ) AS _sn_amount__mad
  FROM ratios_2
  LEFT JOIN centre
    ON ratios_2._sn__key1 IS NOT DISTINCT FROM centre._sn__key1
  GROUP BY
    ratios_2._sn__key1
), model AS (
  SELECT
    *,
    CASE
      WHEN _sn_amount__ratios < 3
      THEN NULL
      WHEN _sn_amount__mad / NULLIF(0.6744897501960817e0, 0.0e0) > 1e-150
      THEN _sn_amount__mad / NULLIF(0.6744897501960817e0, 0.0e0)
      ELSE 0.0e0
    END AS _sn_amount__scale,
    CASE
      WHEN _sn_amount__ratios < 3
      THEN NULL
      WHEN _sn_amount__mad / NULLIF(0.6744897501960817e0, 0.0e0) > 1e-150
      THEN _sn_amount__mad / NULLIF(0.6744897501960817e0, 0.0e0)
      ELSE 0.0e0
    END AS _sn_items__scale
  FROM spread
), scored AS (
  SELECT
    ratios.*,
    model._sn_amount__n,
    model._sn_amount__scale,
    model._sn_items__n,
    model._sn_items__scale,
    CASE
      WHEN model._sn_amount__n >= 3
      THEN CASE
        WHEN model._sn_amount__scale > 0.0e0
        THEN ABS(
          CASE
            WHEN ABS(ratios._sn_amount__ratio - model._sn_amount__ratio_centre) <= 1e-14 * (
              1.0e0 + ABS(model._sn_amount__ratio_centre)
            )
            THEN 0.0e0
            ELSE ratios._sn_amount__ratio - model._sn_amount__ratio_centre
          END
        ) / NULLIF(model._sn_amount__scale, 0.0e0)
        WHEN model._sn_amount__scale = 0.0e0
        AND CASE
          WHEN ABS(ratios._sn_amount__ratio - model._sn_amount__ratio_centre) <= 1e-14 * (
            1.0e0 + ABS(model._sn_amount__ratio_centre)
          )
          THEN 0.0e0
          ELSE ratios._sn_amount__ratio - model._sn_amount__ratio_centre
        END = 0.0e0
        THEN 0.0e0
      END
    END AS _sn__score,
    CASE
      WHEN model._sn_amount__n >= 3
      THEN CASE
        WHEN model._sn_amount__scale > 0.0e0
        AND NOT CASE
          WHEN ABS(ratios._sn_amount__ratio - model._sn_amount__ratio_centre) <= 1e-14 * (
            1.0e0 + ABS(model._sn_amount__ratio_centre)
          )
          THEN 0.0e0
          ELSE ratios._sn_amount__ratio - model._sn_amount__ratio_centre
        END IS NULL
        THEN (
          CASE
            WHEN CASE
              WHEN ABS(ratios._sn_amount__ratio - model._sn_amount__ratio_centre) <= 1e-14 * (
                1.0e0 + ABS(model._sn_amount__ratio_centre)
              )
              THEN 0.0e0
              ELSE ratios._sn_amount__ratio - model._sn_amount__ratio_centre
            END < 0.0e0
            THEN -1.0e0
            ELSE 1.0e0
          END * COALESCE(
            (
              ratios._sn_amount__part - model._sn_amount__part_centre
            ) + (
              0.5e0 * (
                CASE
                  WHEN ABS(ratios._sn_amount__ratio - model._sn_amount__ratio_centre) <= 1e-14 * (
                    1.0e0 + ABS(model._sn_amount__ratio_centre)
                  )
                  THEN 0.0e0
                  ELSE ratios._sn_amount__ratio - model._sn_amount__ratio_centre
                END - (
                  (
                    ratios._sn_amount__part - model._sn_amount__part_centre
                  ) + (
                    model._sn_items__part_centre - ratios._sn_items__part
                  )
                )
              )
            ),
            0.5e0 * CASE
              WHEN ABS(ratios._sn_amount__ratio - model._sn_amount__ratio_centre) <= 1e-14 * (
                1.0e0 + ABS(model._sn_amount__ratio_centre)
              )
              THEN 0.0e0
              ELSE ratios._sn_amount__ratio - model._sn_amount__ratio_centre
            END
          )
        ) / NULLIF(model._sn_amount__scale, 0.0e0)
        WHEN model._sn_amount__scale = 0.0e0
        AND CASE
          WHEN ABS(ratios._sn_amount__ratio - model._sn_amount__ratio_centre) <= 1e-14 * (
            1.0e0 + ABS(model._sn_amount__ratio_centre)
          )
          THEN 0.0e0
          ELSE ratios._sn_amount__ratio - model._sn_amount__ratio_centre
        END = 0.0e0
        THEN 0.0e0
      END
    END AS _sn_amount__term,
    CASE
      WHEN model._sn_items__n >= 3
      THEN CASE
        WHEN model._sn_amount__scale > 0.0e0
        AND NOT CASE
          WHEN ABS(ratios._sn_amount__ratio - model._sn_amount__ratio_centre) <= 1e-14 * (
            1.0e0 + ABS(model._sn_amount__ratio_centre)
          )
          THEN 0.0e0
          ELSE ratios._sn_amount__ratio - model._sn_amount__ratio_centre
        END IS NULL
        THEN (
          CASE
            WHEN CASE
              WHEN ABS(ratios._sn_amount__ratio - model._sn_amount__ratio_centre) <= 1e-14 * (
                1.0e0 + ABS(model._sn_amount__ratio_centre)
              )
              THEN 0.0e0
              ELSE ratios._sn_amount__ratio - model._sn_amount__ratio_centre
            END < 0.0e0
            THEN -1.0e0
            ELSE 1.0e0
          END * COALESCE(
            (
              model._sn_items__part_centre - ratios._sn_items__part
            ) + (
              0.5e0 * (
                CASE
                  WHEN ABS(ratios._sn_amount__ratio - model._sn_amount__ratio_centre) <= 1e-14 * (
                    1.0e0 + ABS(model._sn_amount__ratio_centre)
                  )
                  THEN 0.0e0
                  ELSE ratios._sn_amount__ratio - model._sn_amount__ratio_centre
                END - (
                  (
                    ratios._sn_amount__part - model._sn_amount__part_centre
                  ) + (
                    model._sn_items__part_centre - ratios._sn_items__part
                  )
                )
              )
            ),
            0.5e0 * CASE
              WHEN ABS(ratios._sn_amount__ratio - model._sn_amount__ratio_centre) <= 1e-14 * (
                1.0e0 + ABS(model._sn_amount__ratio_centre)
              )
              THEN 0.0e0
              ELSE ratios._sn_amount__ratio - model._sn_amount__ratio_centre
            END
          )
        ) / NULLIF(model._sn_amount__scale, 0.0e0)
        WHEN model._sn_amount__scale = 0.0e0
        AND CASE
          WHEN ABS(ratios._sn_amount__ratio - model._sn_amount__ratio_centre) <= 1e-14 * (
            1.0e0 + ABS(model._sn_amount__ratio_centre)
          )
          THEN 0.0e0
          ELSE ratios._sn_amount__ratio - model._sn_amount__ratio_centre
        END = 0.0e0
        THEN 0.0e0
      END
    END AS _sn_items__term,
    CASE
      WHEN ratios._sn_amount__ratio IS NULL
      THEN 'out_of_range'
      WHEN model._sn_amount__ratios < 3
      THEN 'too_few_rows'
    END AS _sn__unscored
  FROM ratios
  LEFT JOIN model
    ON ratios._sn__key1 IS NOT DISTINCT FROM model._sn__key1
), largest AS (
  SELECT
    *,
    CASE
      WHEN NOT _sn_amount__term IS NULL AND NOT _sn_items__term IS NULL
      THEN GREATEST(_sn_amount__term, _sn_items__term)
    END AS _sn__best
  FROM scored
)
SELECT
  id,
  store,
  _sn__score AS score,
  _sn__score > 3.5000000035e0 AS alert,
  CASE
    WHEN _sn__score IS NULL
    THEN NULL
    WHEN _sn_amount__term >= _sn__best - (
      1e-09 * GREATEST(1.0e0, ABS(_sn__best))
    )
    THEN 'amount'
    WHEN _sn_items__term >= _sn__best - (
      1e-09 * GREATEST(1.0e0, ABS(_sn__best))
    )
    THEN 'items'
  END AS reason,
  CASE
    WHEN _sn_amount__raw IS NULL OR _sn_items IS NULL
    THEN 'missing_value'
    WHEN _sn_amount IS NULL OR _sn_items IS NULL
    THEN 'out_of_range'
    WHEN COALESCE(_sn_amount__n, 0) < 3 OR COALESCE(_sn_items__n, 0) < 3
    THEN 'too_few_rows'
    WHEN NOT _sn__unscored IS NULL
    THEN _sn__unscored
    WHEN _sn__score IS NULL
    OR (
      _sn_amount__scale = 0.0e0 AND _sn_items__scale = 0.0e0
    )
    THEN 'constant_baseline'
    ELSE 'ok'
  END AS status
FROM largest
ORDER BY
  id NULLS LAST
