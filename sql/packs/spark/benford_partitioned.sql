-- SELECT id, store,
--        anomaly_score(amount, items, detector => 'benford', min_rows => 10) OVER (PARTITION BY store) AS score,
--        is_anomaly(amount, items, detector => 'benford', min_rows => 10) OVER (PARTITION BY store) AS alert,
--        anomaly_reason(amount, items, detector => 'benford', min_rows => 10) OVER (PARTITION BY store) AS reason,
--        anomaly_status(amount, items, detector => 'benford', min_rows => 10) OVER (PARTITION BY store) AS status
-- FROM orders
-- ORDER BY id
/* sqlnomaly 0.1.0: benford(amount, items); min_rows = 10 */
WITH source AS (
  SELECT
    id,
    store,
    CASE WHEN ABS(amount) <= 1e+150 THEN amount END AS _sn_amount,
    amount AS _sn_amount__raw,
    CAST(items AS DOUBLE) AS _sn_items,
    store AS _sn__key1
  FROM orders
), leads AS (
  SELECT
    *,
    (
      ABS(_sn_amount) / NULLIF(
        POWER(
          10.0e0,
          FLOOR(
            FLOOR(
              LN(CASE WHEN ABS(_sn_amount) > 0.0e0 THEN ABS(_sn_amount) END) * 0.43429448190325176e0
            ) * 0.5e0
          )
        ),
        0.0e0
      )
    ) / NULLIF(
      POWER(
        10.0e0,
        FLOOR(
          LN(CASE WHEN ABS(_sn_amount) > 0.0e0 THEN ABS(_sn_amount) END) * 0.43429448190325176e0
        ) - FLOOR(
          FLOOR(
            LN(CASE WHEN ABS(_sn_amount) > 0.0e0 THEN ABS(_sn_amount) END) * 0.43429448190325176e0
          ) * 0.5e0
        )
      ),
      0.0e0
    ) AS _sn_amount__lead,
    (
      ABS(_sn_items) / NULLIF(
        POWER(
          10.0e0,
          FLOOR(
            FLOOR(
              LN(CASE WHEN ABS(_sn_items) > 0.0e0 THEN ABS(_sn_items) END) * 0.43429448190325176e0
            ) * 0.5e0
          )
        ),
        0.0e0
      )
    ) / NULLIF(
      POWER(
        10.0e0,
        FLOOR(
          LN(CASE WHEN ABS(_sn_items) > 0.0e0 THEN ABS(_sn_items) END) * 0.43429448190325176e0
        ) - FLOOR(
          FLOOR(
            LN(CASE WHEN ABS(_sn_items) > 0.0e0 THEN ABS(_sn_items) END) * 0.43429448190325176e0
          ) * 0.5e0
        )
      ),
      0.0e0
    ) AS _sn_items__lead
  FROM source
), digits AS (
  SELECT
    *,
    CASE
      WHEN _sn_amount__lead * 1.000000000001e0 >= 10.0e0
      THEN 1.0e0
      WHEN _sn_amount__lead * 1.000000000001e0 < 1.0e0
      THEN 9.0e0
      WHEN NOT _sn_amount__lead IS NULL
      THEN FLOOR(_sn_amount__lead * 1.000000000001e0)
    END AS _sn_amount__digit,
    CASE
      WHEN _sn_items__lead * 1.000000000001e0 >= 10.0e0
      THEN 1.0e0
      WHEN _sn_items__lead * 1.000000000001e0 < 1.0e0
      THEN 9.0e0
      WHEN NOT _sn_items__lead IS NULL
      THEN FLOOR(_sn_items__lead * 1.000000000001e0)
    END AS _sn_items__digit
  FROM leads
), leads_2 AS (
  SELECT
    *,
    (
      ABS(_sn_amount) / NULLIF(
        POWER(
          10.0e0,
          FLOOR(
            FLOOR(
              LN(CASE WHEN ABS(_sn_amount) > 0.0e0 THEN ABS(_sn_amount) END) * 0.43429448190325176e0
            ) * 0.5e0
          )
        ),
        0.0e0
      )
    ) / NULLIF(
      POWER(
        10.0e0,
        FLOOR(
          LN(CASE WHEN ABS(_sn_amount) > 0.0e0 THEN ABS(_sn_amount) END) * 0.43429448190325176e0
        ) - FLOOR(
          FLOOR(
            LN(CASE WHEN ABS(_sn_amount) > 0.0e0 THEN ABS(_sn_amount) END) * 0.43429448190325176e0
          ) * 0.5e0
        )
      ),
      0.0e0
    ) AS _sn_amount__lead,
    (
      ABS(_sn_items) / NULLIF(
        POWER(
          10.0e0,
          FLOOR(
            FLOOR(
              LN(CASE WHEN ABS(_sn_items) > 0.0e0 THEN ABS(_sn_items) END) * 0.43429448190325176e0
            ) * 0.5e0
          )
        ),
        0.0e0
      )
    ) / NULLIF(
      POWER(
        10.0e0,
        FLOOR(
          LN(CASE WHEN ABS(_sn_items) > 0.0e0 THEN ABS(_sn_items) END) * 0.43429448190325176e0
        ) - FLOOR(
          FLOOR(
            LN(CASE WHEN ABS(_sn_items) > 0.0e0 THEN ABS(_sn_items) END) * 0.43429448190325176e0
          ) * 0.5e0
        )
      ),
      0.0e0
    ) AS _sn_items__lead
  FROM source
), digits_2 AS (
  SELECT
    *,
    CASE
      WHEN _sn_amount__lead * 1.000000000001e0 >= 10.0e0
      THEN 1.0e0
      WHEN _sn_amount__lead * 1.000000000001e0 < 1.0e0
      THEN 9.0e0
      WHEN NOT _sn_amount__lead IS NULL
      THEN FLOOR(_sn_amount__lead * 1.000000000001e0)
    END AS _sn_amount__digit,
    CASE
      WHEN _sn_items__lead * 1.000000000001e0 >= 10.0e0
      THEN 1.0e0
      WHEN _sn_items__lead * 1.000000000001e0 < 1.0e0
      THEN 9.0e0
      WHEN NOT _sn_items__lead IS NULL
      THEN FLOOR(_sn_items__lead * 1.000000000001e0)
    END AS _sn_items__digit
  FROM leads_2
), frequencies AS (
  SELECT
    _sn__key1,
    COUNT(_sn_amount) AS _sn_amount__n,
    COUNT(_sn_amount__digit) AS _sn_amount__digits,
    COUNT_IF(_sn_amount__digit = 1.0e0) AS _sn_amount__count_1,
    COUNT_IF(_sn_amount__digit = 2.0e0) AS _sn_amount__count_2,
    COUNT_IF(_sn_amount__digit = 3.0e0) AS _sn_amount__count_3,
    COUNT_IF(_sn_amount__digit = 4.0e0) AS _sn_amount__count_4,
    COUNT_IF(_sn_amount__digit = 5.0e0) AS _sn_amount__count_5,
    COUNT_IF(_sn_amount__digit = 6.0e0) AS _sn_amount__count_6,
    COUNT_IF(_sn_amount__digit = 7.0e0) AS _sn_amount__count_7,
    COUNT_IF(_sn_amount__digit = 8.0e0) AS _sn_amount__count_8,
    COUNT_IF(_sn_amount__digit = 9.0e0) AS _sn_amount__count_9,
    COUNT(_sn_items) AS _sn_items__n,
    COUNT(_sn_items__digit) AS _sn_items__digits,
    COUNT_IF(_sn_items__digit = 1.0e0) AS _sn_items__count_1,
    COUNT_IF(_sn_items__digit = 2.0e0) AS _sn_items__count_2,
    COUNT_IF(_sn_items__digit = 3.0e0) AS _sn_items__count_3,
    COUNT_IF(_sn_items__digit = 4.0e0) AS _sn_items__count_4,
    COUNT_IF(_sn_items__digit = 5.0e0) AS _sn_items__count_5,
    COUNT_IF(_sn_items__digit = 6.0e0) AS _sn_items__count_6,
    COUNT_IF(_sn_items__digit = 7.0e0) AS _sn_items__count_7,
    COUNT_IF(_sn_items__digit = 8.0e0) AS _sn_items__count_8,
    COUNT_IF(_sn_items__digit = 9.0e0) AS _sn_items__count_9
  FROM digits_2
  GROUP BY
    _sn__key1
), model AS (
  SELECT
    *,
    1.0e0 AS _sn_amount__scale,
    (
      CAST(_sn_amount__count_1 AS DOUBLE) - (
        CASE WHEN _sn_amount__digits >= 20 THEN CAST(_sn_amount__digits AS DOUBLE) END * 0.3010299956639812e0
      )
    ) / NULLIF(
      SQRT(
        CASE
          WHEN CASE WHEN _sn_amount__digits >= 20 THEN CAST(_sn_amount__digits AS DOUBLE) END * 0.21041093737452465e0 >= 0.0e0
          THEN CASE WHEN _sn_amount__digits >= 20 THEN CAST(_sn_amount__digits AS DOUBLE) END * 0.21041093737452465e0
        END
      ),
      0.0e0
    ) AS _sn_amount__level_1,
    (
      CAST(_sn_amount__count_2 AS DOUBLE) - (
        CASE WHEN _sn_amount__digits >= 20 THEN CAST(_sn_amount__digits AS DOUBLE) END * 0.17609125905568124e0
      )
    ) / NULLIF(
      SQRT(
        CASE
          WHEN CASE WHEN _sn_amount__digits >= 20 THEN CAST(_sn_amount__digits AS DOUBLE) END * 0.14508312753986619e0 >= 0.0e0
          THEN CASE WHEN _sn_amount__digits >= 20 THEN CAST(_sn_amount__digits AS DOUBLE) END * 0.14508312753986619e0
        END
      ),
      0.0e0
    ) AS _sn_amount__level_2,
    (
      CAST(_sn_amount__count_3 AS DOUBLE) - (
        CASE WHEN _sn_amount__digits >= 20 THEN CAST(_sn_amount__digits AS DOUBLE) END * 0.12493873660829992e0
      )
    ) / NULLIF(
      SQRT(
        CASE
          WHEN CASE WHEN _sn_amount__digits >= 20 THEN CAST(_sn_amount__digits AS DOUBLE) END * 0.10932904870302178e0 >= 0.0e0
          THEN CASE WHEN _sn_amount__digits >= 20 THEN CAST(_sn_amount__digits AS DOUBLE) END * 0.10932904870302178e0
        END
      ),
      0.0e0
    ) AS _sn_amount__level_3,
    (
      CAST(_sn_amount__count_4 AS DOUBLE) - (
        CASE WHEN _sn_amount__digits >= 20 THEN CAST(_sn_amount__digits AS DOUBLE) END * 0.09691001300805642e0
      )
    ) / NULLIF(
      SQRT(
        CASE
          WHEN CASE WHEN _sn_amount__digits >= 20 THEN CAST(_sn_amount__digits AS DOUBLE) END * 0.08751846238683475e0 >= 0.0e0
          THEN CASE WHEN _sn_amount__digits >= 20 THEN CAST(_sn_amount__digits AS DOUBLE) END * 0.08751846238683475e0
        END
      ),
      0.0e0
    ) AS _sn_amount__level_4,
    (
      CAST(_sn_amount__count_5 AS DOUBLE) - (
        CASE WHEN _sn_amount__digits >= 20 THEN CAST(_sn_amount__digits AS DOUBLE) END * 0.07918124604762482e0
      )
    ) / NULLIF(
      SQRT(
        CASE
          WHEN CASE WHEN _sn_amount__digits >= 20 THEN CAST(_sn_amount__digits AS DOUBLE) END * 0.07291157632197032e0 >= 0.0e0
          THEN CASE WHEN _sn_amount__digits >= 20 THEN CAST(_sn_amount__digits AS DOUBLE) END * 0.07291157632197032e0
        END
      ),
      0.0e0
    ) AS _sn_amount__level_5,
    (
      CAST(_sn_amount__count_6 AS DOUBLE) - (
        CASE WHEN _sn_amount__digits >= 20 THEN CAST(_sn_amount__digits AS DOUBLE) END * 0.06694678963061322e0
      )
    ) / NULLIF(
      SQRT(
        CASE
          WHEN CASE WHEN _sn_amount__digits >= 20 THEN CAST(_sn_amount__digits AS DOUBLE) END * 0.06246491698876764e0 >= 0.0e0
          THEN CASE WHEN _sn_amount__digits >= 20 THEN CAST(_sn_amount__digits AS DOUBLE) END * 0.06246491698876764e0
        END
      ),
      0.0e0
    ) AS _sn_amount__level_6,
    (
      CAST(_sn_amount__count_7 AS DOUBLE) - (
        CASE WHEN _sn_amount__digits >= 20 THEN CAST(_sn_amount__digits AS DOUBLE) END * 0.05799194697768673e0
      )
    ) / NULLIF(
      SQRT(
        CASE
          WHEN CASE WHEN _sn_amount__digits >= 20 THEN CAST(_sn_amount__digits AS DOUBLE) END * 0.0546288810634239e0 >= 0.0e0
          THEN CASE WHEN _sn_amount__digits >= 20 THEN CAST(_sn_amount__digits AS DOUBLE) END * 0.0546288810634239e0
        END
      ),
      0.0e0
    ) AS _sn_amount__level_7,
    (
      CAST(_sn_amount__count_8 AS DOUBLE) - (
        CASE WHEN _sn_amount__digits >= 20 THEN CAST(_sn_amount__digits AS DOUBLE) END * 0.05115252244738129e0
      )
    ) / NULLIF(
      SQRT(
        CASE
          WHEN CASE WHEN _sn_amount__digits >= 20 THEN CAST(_sn_amount__digits AS DOUBLE) END * 0.04853594189465144e0 >= 0.0e0
          THEN CASE WHEN _sn_amount__digits >= 20 THEN CAST(_sn_amount__digits AS DOUBLE) END * 0.04853594189465144e0
        END
      ),
      0.0e0
    ) AS _sn_amount__level_8,
    (
      CAST(_sn_amount__count_9 AS DOUBLE) - (
        CASE WHEN _sn_amount__digits >= 20 THEN CAST(_sn_amount__digits AS DOUBLE) END * 0.04575749056067514e0
      )
    ) / NULLIF(
      SQRT(
        CASE
          WHEN CASE WHEN _sn_amount__digits >= 20 THEN CAST(_sn_amount__digits AS DOUBLE) END * 0.04366374261826487e0 >= 0.0e0
          THEN CASE WHEN _sn_amount__digits >= 20 THEN CAST(_sn_amount__digits AS DOUBLE) END * 0.04366374261826487e0
        END
      ),
      0.0e0
    ) AS _sn_amount__level_9,
    1.0e0 AS _sn_items__scale,
    (
      CAST(_sn_items__count_1 AS DOUBLE) - (
        CASE WHEN _sn_items__digits >= 20 THEN CAST(_sn_items__digits AS DOUBLE) END * 0.3010299956639812e0
      )
    ) / NULLIF(
      SQRT(
        CASE
          WHEN CASE WHEN _sn_items__digits >= 20 THEN CAST(_sn_items__digits AS DOUBLE) END * 0.21041093737452465e0 >= 0.0e0
          THEN CASE WHEN _sn_items__digits >= 20 THEN CAST(_sn_items__digits AS DOUBLE) END * 0.21041093737452465e0
        END
      ),
      0.0e0
    ) AS _sn_items__level_1,
    (
      CAST(_sn_items__count_2 AS DOUBLE) - (
        CASE WHEN _sn_items__digits >= 20 THEN CAST(_sn_items__digits AS DOUBLE) END * 0.17609125905568124e0
      )
    ) / NULLIF(
      SQRT(
        CASE
          WHEN CASE WHEN _sn_items__digits >= 20 THEN CAST(_sn_items__digits AS DOUBLE) END * 0.14508312753986619e0 >= 0.0e0
          THEN CASE WHEN _sn_items__digits >= 20 THEN CAST(_sn_items__digits AS DOUBLE) END * 0.14508312753986619e0
        END
      ),
      0.0e0
    ) AS _sn_items__level_2,
    (
      CAST(_sn_items__count_3 AS DOUBLE) - (
        CASE WHEN _sn_items__digits >= 20 THEN CAST(_sn_items__digits AS DOUBLE) END * 0.12493873660829992e0
      )
    ) / NULLIF(
      SQRT(
        CASE
          WHEN CASE WHEN _sn_items__digits >= 20 THEN CAST(_sn_items__digits AS DOUBLE) END * 0.10932904870302178e0 >= 0.0e0
          THEN CASE WHEN _sn_items__digits >= 20 THEN CAST(_sn_items__digits AS DOUBLE) END * 0.10932904870302178e0
        END
      ),
      0.0e0
    ) AS _sn_items__level_3,
    (
      CAST(_sn_items__count_4 AS DOUBLE) - (
        CASE WHEN _sn_items__digits >= 20 THEN CAST(_sn_items__digits AS DOUBLE) END * 0.09691001300805642e0
      )
    ) / NULLIF(
      SQRT(
        CASE
          WHEN CASE WHEN _sn_items__digits >= 20 THEN CAST(_sn_items__digits AS DOUBLE) END * 0.08751846238683475e0 >= 0.0e0
          THEN CASE WHEN _sn_items__digits >= 20 THEN CAST(_sn_items__digits AS DOUBLE) END * 0.08751846238683475e0
        END
      ),
      0.0e0
    ) AS _sn_items__level_4,
    (
      CAST(_sn_items__count_5 AS DOUBLE) - (
        CASE WHEN _sn_items__digits >= 20 THEN CAST(_sn_items__digits AS DOUBLE) END * 0.07918124604762482e0
      )
    ) / NULLIF(
      SQRT(
        CASE
          WHEN CASE WHEN _sn_items__digits >= 20 THEN CAST(_sn_items__digits AS DOUBLE) END * 0.07291157632197032e0 >= 0.0e0
          THEN CASE WHEN _sn_items__digits >= 20 THEN CAST(_sn_items__digits AS DOUBLE) END * 0.07291157632197032e0
        END
      ),
      0.0e0
    ) AS _sn_items__level_5,
    (
      CAST(_sn_items__count_6 AS DOUBLE) - (
        CASE WHEN _sn_items__digits >= 20 THEN CAST(_sn_items__digits AS DOUBLE) END * 0.06694678963061322e0
      )
    ) / NULLIF(
      SQRT(
        CASE
          WHEN CASE WHEN _sn_items__digits >= 20 THEN CAST(_sn_items__digits AS DOUBLE) END * 0.06246491698876764e0 >= 0.0e0
          THEN CASE WHEN _sn_items__digits >= 20 THEN CAST(_sn_items__digits AS DOUBLE) END * 0.06246491698876764e0
        END
      ),
      0.0e0
    ) AS _sn_items__level_6,
    (
      CAST(_sn_items__count_7 AS DOUBLE) - (
        CASE WHEN _sn_items__digits >= 20 THEN CAST(_sn_items__digits AS DOUBLE) END * 0.05799194697768673e0
      )
    ) / NULLIF(
      SQRT(
        CASE
          WHEN CASE WHEN _sn_items__digits >= 20 THEN CAST(_sn_items__digits AS DOUBLE) END * 0.0546288810634239e0 >= 0.0e0
          THEN CASE WHEN _sn_items__digits >= 20 THEN CAST(_sn_items__digits AS DOUBLE) END * 0.0546288810634239e0
        END
      ),
      0.0e0
    ) AS _sn_items__level_7,
    (
      CAST(_sn_items__count_8 AS DOUBLE) - (
        CASE WHEN _sn_items__digits >= 20 THEN CAST(_sn_items__digits AS DOUBLE) END * 0.05115252244738129e0
      )
    ) / NULLIF(
      SQRT(
        CASE
          WHEN CASE WHEN _sn_items__digits >= 20 THEN CAST(_sn_items__digits AS DOUBLE) END * 0.04853594189465144e0 >= 0.0e0
          THEN CASE WHEN _sn_items__digits >= 20 THEN CAST(_sn_items__digits AS DOUBLE) END * 0.04853594189465144e0
        END
      ),
      0.0e0
    ) AS _sn_items__level_8,
    (
      CAST(_sn_items__count_9 AS DOUBLE) - (
        CASE WHEN _sn_items__digits >= 20 THEN CAST(_sn_items__digits AS DOUBLE) END * 0.04575749056067514e0
      )
    ) / NULLIF(
      SQRT(
        CASE
          WHEN CASE WHEN _sn_items__digits >= 20 THEN CAST(_sn_items__digits AS DOUBLE) END * 0.04366374261826487e0 >= 0.0e0
          THEN CASE WHEN _sn_items__digits >= 20 THEN CAST(_sn_items__digits AS DOUBLE) END * 0.04366374261826487e0
        END
      ),
      0.0e0
    ) AS _sn_items__level_9
  FROM frequencies
), terms AS (
  SELECT
    digits.*,
    model._sn_amount__n,
    model._sn_amount__scale,
    model._sn_items__n,
    model._sn_items__scale,
    CASE
      WHEN model._sn_amount__n >= 10
      THEN CASE
        WHEN digits._sn_amount = 0.0e0 AND model._sn_amount__digits >= 20
        THEN 0.0e0
        WHEN digits._sn_amount__digit = 1.0e0
        THEN model._sn_amount__level_1
        WHEN digits._sn_amount__digit = 2.0e0
        THEN model._sn_amount__level_2
        WHEN digits._sn_amount__digit = 3.0e0
        THEN model._sn_amount__level_3
        WHEN digits._sn_amount__digit = 4.0e0
        THEN model._sn_amount__level_4
        WHEN digits._sn_amount__digit = 5.0e0
        THEN model._sn_amount__level_5
        WHEN digits._sn_amount__digit = 6.0e0
        THEN model._sn_amount__level_6
        WHEN digits._sn_amount__digit = 7.0e0
        THEN model._sn_amount__level_7
        WHEN digits._sn_amount__digit = 8.0e0
        THEN model._sn_amount__level_8
        WHEN digits._sn_amount__digit = 9.0e0
        THEN model._sn_amount__level_9
      END
    END AS _sn_amount__term,
    CASE
      WHEN model._sn_items__n >= 10
      THEN CASE
        WHEN digits._sn_items = 0.0e0 AND model._sn_items__digits >= 20
        THEN 0.0e0
        WHEN digits._sn_items__digit = 1.0e0
        THEN model._sn_items__level_1
        WHEN digits._sn_items__digit = 2.0e0
        THEN model._sn_items__level_2
        WHEN digits._sn_items__digit = 3.0e0
        THEN model._sn_items__level_3
        WHEN digits._sn_items__digit = 4.0e0
        THEN model._sn_items__level_4
        WHEN digits._sn_items__digit = 5.0e0
        THEN model._sn_items__level_5
        WHEN digits._sn_items__digit = 6.0e0
        THEN model._sn_items__level_6
        WHEN digits._sn_items__digit = 7.0e0
        THEN model._sn_items__level_7
        WHEN digits._sn_items__digit = 8.0e0
        THEN model._sn_items__level_8
        WHEN digits._sn_items__digit = 9.0e0
        THEN model._sn_items__level_9
      END
    END AS _sn_items__term,
    CASE
      WHEN (
        NOT digits._sn_amount IS NULL AND model._sn_amount__digits < 20
      )
      OR (
        NOT digits._sn_items IS NULL AND model._sn_items__digits < 20
      )
      THEN 'too_few_rows'
    END AS _sn__unscored
  FROM digits
  LEFT JOIN model
    ON digits._sn__key1 IS NOT DISTINCT FROM model._sn__key1
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
  _sn__score > 2.5758293061247297e0 AS alert,
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
    WHEN COALESCE(_sn_amount__n, 0) < 10 OR COALESCE(_sn_items__n, 0) < 10
    THEN 'too_few_rows'
    WHEN NOT _sn__unscored IS NULL
    THEN _sn__unscored
    WHEN _sn__score IS NULL OR (
      FALSE AND FALSE
    )
    THEN 'constant_baseline'
    ELSE 'ok'
  END AS status
FROM scored
ORDER BY
  id NULLS LAST
