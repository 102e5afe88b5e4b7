-- sqlnomaly 0.1.0: fraud_score scores (amount, items) by ecod
-- placement: the model's numbers stand in 2 functions in SQL, which the score's function calls (limit: max_query_size: 262,144 bytes)

CREATE OR REPLACE FUNCTION fraud_score_tail_1 AS (x1) -> CASE WHEN x1 <= 5.5e0 THEN CASE WHEN x1 <= 2.5e0 THEN CASE WHEN x1 <= 1.0e0 THEN CASE WHEN x1 <= 0.49999999999999994e0 THEN CASE WHEN x1 <= 0.0e0 THEN CASE WHEN x1 <= -5e-324 THEN 4.0943445622221e0 ELSE 2.995732273553991e0 END ELSE 3.0470255679415414e0 END ELSE CASE WHEN x1 <= 0.9999999999999999e0 THEN CASE WHEN x1 <= 0.5e0 THEN 2.353878387381596e0 ELSE 2.407945608651872e0 END ELSE 2.120263536200091e0 END END ELSE CASE WHEN x1 <= 1.9999999999999998e0 THEN CASE WHEN x1 <= 1.5e0 THEN CASE WHEN x1 <= 1.4999999999999998e0 THEN 2.158003864182938e0 ELSE 1.8395501330644035e0 END ELSE 1.8989735535352044e0 END ELSE CASE WHEN x1 <= 2.4999999999999996e0 THEN CASE WHEN x1 <= 2.0e0 THEN 1.7319194688720378e0 ELSE 1.773592165272606e0 END ELSE 1.5659528004943617e0 END END END ELSE CASE WHEN x1 <= 4.0e0 THEN CASE WHEN x1 <= 3.4999999999999996e0 THEN CASE WHEN x1 <= 3.0e0 THEN CASE WHEN x1 <= 2.9999999999999996e0 THEN 1.631910768286159e0 ELSE 1.5141277326297757e0 END ELSE 1.5606477482646683e0 END ELSE CASE WHEN x1 <= 3.9999999999999996e0 THEN CASE WHEN x1 <= 3.5e0 THEN 1.4064970684374103e0 ELSE 1.480605040591132e0 END ELSE 1.3470736479666092e0 END END ELSE CASE WHEN x1 <= 4.999999999999999e0 THEN CASE WHEN x1 <= 4.5e0 THEN CASE WHEN x1 <= 4.499999999999999e0 THEN 1.4271163556401458e0 ELSE 1.3470736479666092e0 END ELSE 1.404232061806558e0 END ELSE CASE WHEN x1 <= 5.499999999999999e0 THEN CASE WHEN x1 <= 5.0e0 THEN 1.2950327698415658e0 ELSE 1.3874060899725809e0 END ELSE 1.3207147154739087e0 END END END END ELSE CASE WHEN x1 <= 8.5e0 THEN CASE WHEN x1 <= 7.0e0 THEN CASE WHEN x1 <= 6.499999999999999e0 THEN CASE WHEN x1 <= 6.0e0 THEN CASE WHEN x1 <= 5.999999999999999e0 THEN 1.3874060899725809e0 ELSE 1.2950327698415658e0 END ELSE 1.404232061806558e0 END ELSE CASE WHEN x1 <= 6.999999999999999e0 THEN CASE WHEN x1 <= 6.5e0 THEN 1.3470736479666092e0 ELSE 1.4271163556401458e0 END ELSE 1.3470736479666092e0 END END ELSE CASE WHEN x1 <= 7.999999999999999e0 THEN CASE WHEN x1 <= 7.5e0 THEN CASE WHEN x1 <= 7.499999999999999e0 THEN 1.480605040591132e0 ELSE 1.4064970684374103e0 END ELSE 1.5606477482646683e0 END ELSE CASE WHEN x1 <= 8.499999999999998e0 THEN CASE WHEN x1 <= 8.0e0 THEN 1.5141277326297757e0 ELSE 1.631910768286159e0 END ELSE 1.5659528004943617e0 END END END ELSE CASE WHEN x1 <= 10.0e0 THEN CASE WHEN x1 <= 9.499999999999998e0 THEN CASE WHEN x1 <= 9.0e0 THEN CASE WHEN x1 <= 8.999999999999998e0 THEN 1.773592165272606e0 ELSE 1.7319194688720378e0 END ELSE 1.8989735535352044e0 END ELSE CASE WHEN x1 <= 9.999999999999998e0 THEN CASE WHEN x1 <= 9.5e0 THEN 1.8395501330644035e0 ELSE 2.158003864182938e0 END ELSE 2.120263536200091e0 END END ELSE CASE WHEN x1 <= 10.999999999999998e0 THEN CASE WHEN x1 <= 10.5e0 THEN CASE WHEN x1 <= 10.499999999999998e0 THEN 2.407945608651872e0 ELSE 2.353878387381596e0 END ELSE 3.0470255679415414e0 END ELSE CASE WHEN x1 <= 11.0e0 THEN 2.995732273553991e0 ELSE 4.0943445622221e0 END END END END END;

CREATE OR REPLACE FUNCTION fraud_score_tail_2 AS (x1) -> CASE WHEN x1 <= 5.0e0 THEN CASE WHEN x1 <= 2.9999999999999996e0 THEN CASE WHEN x1 <= 0.9999999999999999e0 THEN CASE WHEN x1 <= -5e-324 THEN 4.0943445622221e0 ELSE 2.3025850929940455e0 END ELSE CASE WHEN x1 <= 1.9999999999999998e0 THEN 1.6964492894237302e0 ELSE 1.3217558399823195e0 END END ELSE CASE WHEN x1 <= 4.999999999999999e0 THEN CASE WHEN x1 <= 3.9999999999999996e0 THEN 1.0498221244986778e0 ELSE 0.7985076962177716e0 END ELSE 0.5978370007556204e0 END END ELSE CASE WHEN x1 <= 8.0e0 THEN CASE WHEN x1 <= 7.0e0 THEN CASE WHEN x1 <= 6.0e0 THEN 0.7985076962177716e0 ELSE 1.0033021088637848e0 END ELSE 1.2611312181658847e0 END ELSE CASE WHEN x1 <= 10.0e0 THEN CASE WHEN x1 <= 9.0e0 THEN 1.6094379124341003e0 ELSE 2.3025850929940455e0 END ELSE 4.0943445622221e0 END END END;

CREATE OR REPLACE FUNCTION fraud_score_term_1 AS ("amount", "items") -> CASE
  WHEN 60 >= 3
  THEN CASE
    WHEN NOT (
      CASE
        WHEN ABS(CAST("amount" AS Nullable(Float64))) <= 1e+150
        THEN CAST("amount" AS Nullable(Float64))
      END IS NULL
    )
    THEN fraud_score_tail_1(CAST("amount" AS Nullable(Float64)))
  END
END;

CREATE OR REPLACE FUNCTION fraud_score_term_2 AS ("amount", "items") -> CASE
  WHEN 60 >= 3
  THEN CASE
    WHEN NOT (
      CASE
        WHEN ABS(CAST("items" AS Nullable(Float64))) <= 1e+150
        THEN CAST("items" AS Nullable(Float64))
      END IS NULL
    )
    THEN fraud_score_tail_2(CAST("items" AS Nullable(Float64)))
  END
END;

CREATE OR REPLACE FUNCTION fraud_score AS ("amount", "items") -> CASE
  WHEN NOT (
    CASE
      WHEN 60 >= 3
      THEN CASE
        WHEN NOT (
          CASE
            WHEN ABS(CAST("amount" AS Nullable(Float64))) <= 1e+150
            THEN CAST("amount" AS Nullable(Float64))
          END IS NULL
        )
        THEN fraud_score_tail_1(CAST("amount" AS Nullable(Float64)))
      END
    END IS NULL
  )
  AND NOT (
    CASE
      WHEN 60 >= 3
      THEN CASE
        WHEN NOT (
          CASE
            WHEN ABS(CAST("items" AS Nullable(Float64))) <= 1e+150
            THEN CAST("items" AS Nullable(Float64))
          END IS NULL
        )
        THEN fraud_score_tail_2(CAST("items" AS Nullable(Float64)))
      END
    END IS NULL
  )
  THEN CASE
    WHEN 60 >= 3
    THEN CASE
      WHEN NOT (
        CASE
          WHEN ABS(CAST("amount" AS Nullable(Float64))) <= 1e+150
          THEN CAST("amount" AS Nullable(Float64))
        END IS NULL
      )
      THEN fraud_score_tail_1(CAST("amount" AS Nullable(Float64)))
    END
  END + CASE
    WHEN 60 >= 3
    THEN CASE
      WHEN NOT (
        CASE
          WHEN ABS(CAST("items" AS Nullable(Float64))) <= 1e+150
          THEN CAST("items" AS Nullable(Float64))
        END IS NULL
      )
      THEN fraud_score_tail_2(CAST("items" AS Nullable(Float64)))
    END
  END
END;

CREATE OR REPLACE FUNCTION fraud_score_threshold AS ("amount", "items") -> 5.298317366548036e0;

CREATE OR REPLACE FUNCTION fraud_score_is_anomaly AS ("amount", "items") -> CAST(fraud_score("amount", "items") > 5.298317371846354e0 AS Nullable(Bool));

CREATE OR REPLACE FUNCTION fraud_score_reason AS ("amount", "items") -> CASE
  WHEN fraud_score("amount", "items") IS NULL
  THEN NULL
  WHEN fraud_score_term_1("amount", "items") >= CASE
    WHEN NOT (
      fraud_score_term_1("amount", "items") IS NULL
    )
    AND NOT (
      fraud_score_term_2("amount", "items") IS NULL
    )
    THEN GREATEST(fraud_score_term_1("amount", "items"), fraud_score_term_2("amount", "items"))
  END - (
    1e-09 * GREATEST(
      1.0e0,
      ABS(
        CASE
          WHEN NOT (
            fraud_score_term_1("amount", "items") IS NULL
          )
          AND NOT (
            fraud_score_term_2("amount", "items") IS NULL
          )
          THEN GREATEST(fraud_score_term_1("amount", "items"), fraud_score_term_2("amount", "items"))
        END
      )
    )
  )
  THEN 'amount'
  WHEN fraud_score_term_2("amount", "items") >= CASE
    WHEN NOT (
      fraud_score_term_1("amount", "items") IS NULL
    )
    AND NOT (
      fraud_score_term_2("amount", "items") IS NULL
    )
    THEN GREATEST(fraud_score_term_1("amount", "items"), fraud_score_term_2("amount", "items"))
  END - (
    1e-09 * GREATEST(
      1.0e0,
      ABS(
        CASE
          WHEN NOT (
            fraud_score_term_1("amount", "items") IS NULL
          )
          AND NOT (
            fraud_score_term_2("amount", "items") IS NULL
          )
          THEN GREATEST(fraud_score_term_1("amount", "items"), fraud_score_term_2("amount", "items"))
        END
      )
    )
  )
  THEN 'items'
END;

CREATE OR REPLACE FUNCTION fraud_score_status AS ("amount", "items") -> CASE
  WHEN CAST("amount" AS Nullable(Float64)) IS NULL
  OR CAST("items" AS Nullable(Float64)) IS NULL
  THEN 'missing_value'
  WHEN CASE
    WHEN ABS(CAST("amount" AS Nullable(Float64))) <= 1e+150
    THEN CAST("amount" AS Nullable(Float64))
  END IS NULL
  OR CASE
    WHEN ABS(CAST("items" AS Nullable(Float64))) <= 1e+150
    THEN CAST("items" AS Nullable(Float64))
  END IS NULL
  THEN 'out_of_range'
  WHEN COALESCE(60, 0) < 3 OR COALESCE(60, 0) < 3
  THEN 'too_few_rows'
  WHEN fraud_score("amount", "items") IS NULL OR (
    11.0e0 = 0.0e0 AND 10.0e0 = 0.0e0
  )
  THEN 'constant_baseline'
  ELSE 'ok'
END;
