-- sqlnomaly 0.1.0: shop.fraud_score scores (amount, items) by ecod
-- placement: the model's numbers stand in 2 functions in higher-order functions, which the score's function calls (limit: no documented limit; the functions are inlined into the query)

CREATE OR REPLACE FUNCTION shop.fraud_score_tail_1(x1 DOUBLE) RETURNS DOUBLE COMMENT 'sqlnomaly 0.1.0' RETURN ELEMENT_AT(ARRAY(4.0943445622221e0, 2.995732273553991e0, 3.0470255679415414e0, 2.353878387381596e0, 2.407945608651872e0, 2.120263536200091e0, 2.158003864182938e0, 1.8395501330644035e0, 1.8989735535352044e0, 1.7319194688720378e0, 1.773592165272606e0, 1.5659528004943617e0, 1.631910768286159e0, 1.5141277326297757e0, 1.5606477482646683e0, 1.4064970684374103e0, 1.480605040591132e0, 1.3470736479666092e0, 1.4271163556401458e0, 1.3470736479666092e0, 1.404232061806558e0, 1.2950327698415658e0, 1.3874060899725809e0, 1.3207147154739087e0, 1.3874060899725809e0, 1.2950327698415658e0, 1.404232061806558e0, 1.3470736479666092e0, 1.4271163556401458e0, 1.3470736479666092e0, 1.480605040591132e0, 1.4064970684374103e0, 1.5606477482646683e0, 1.5141277326297757e0, 1.631910768286159e0, 1.5659528004943617e0, 1.773592165272606e0, 1.7319194688720378e0, 1.8989735535352044e0, 1.8395501330644035e0, 2.158003864182938e0, 2.120263536200091e0, 2.407945608651872e0, 2.353878387381596e0, 3.0470255679415414e0, 2.995732273553991e0, 4.0943445622221e0), 1 + SIZE(FILTER(ARRAY(-5e-324, 0.0e0, 0.49999999999999994e0, 0.5e0, 0.9999999999999999e0, 1.0e0, 1.4999999999999998e0, 1.5e0, 1.9999999999999998e0, 2.0e0, 2.4999999999999996e0, 2.5e0, 2.9999999999999996e0, 3.0e0, 3.4999999999999996e0, 3.5e0, 3.9999999999999996e0, 4.0e0, 4.499999999999999e0, 4.5e0, 4.999999999999999e0, 5.0e0, 5.499999999999999e0, 5.5e0, 5.999999999999999e0, 6.0e0, 6.499999999999999e0, 6.5e0, 6.999999999999999e0, 7.0e0, 7.499999999999999e0, 7.5e0, 7.999999999999999e0, 8.0e0, 8.499999999999998e0, 8.5e0, 8.999999999999998e0, 9.0e0, 9.499999999999998e0, 9.5e0, 9.999999999999998e0, 10.0e0, 10.499999999999998e0, 10.5e0, 10.999999999999998e0, 11.0e0), edge -> edge < x1)))
;

CREATE OR REPLACE FUNCTION shop.fraud_score_tail_2(x1 DOUBLE) RETURNS DOUBLE COMMENT 'sqlnomaly 0.1.0' RETURN ELEMENT_AT(ARRAY(4.0943445622221e0, 2.3025850929940455e0, 1.6964492894237302e0, 1.3217558399823195e0, 1.0498221244986778e0, 0.7985076962177716e0, 0.5978370007556204e0, 0.7985076962177716e0, 1.0033021088637848e0, 1.2611312181658847e0, 1.6094379124341003e0, 2.3025850929940455e0, 4.0943445622221e0), 1 + SIZE(FILTER(ARRAY(-5e-324, 0.9999999999999999e0, 1.9999999999999998e0, 2.9999999999999996e0, 3.9999999999999996e0, 4.999999999999999e0, 5.0e0, 6.0e0, 7.0e0, 8.0e0, 9.0e0, 10.0e0), edge -> edge < x1)))
;

CREATE OR REPLACE FUNCTION shop.fraud_score_term_1(`amount` DOUBLE, `items` DOUBLE) RETURNS DOUBLE COMMENT 'sqlnomaly 0.1.0' RETURN CASE
  WHEN 60 >= 3
  THEN CASE
    WHEN NOT CASE WHEN ABS(`amount`) <= 1e+150 THEN `amount` END IS NULL
    THEN shop.fraud_score_tail_1(`amount`)
  END
END;

CREATE OR REPLACE FUNCTION shop.fraud_score_term_2(`amount` DOUBLE, `items` DOUBLE) RETURNS DOUBLE COMMENT 'sqlnomaly 0.1.0' RETURN CASE
  WHEN 60 >= 3
  THEN CASE
    WHEN NOT CASE WHEN ABS(`items`) <= 1e+150 THEN `items` END IS NULL
    THEN shop.fraud_score_tail_2(`items`)
  END
END;

CREATE OR REPLACE FUNCTION shop.fraud_score(`amount` DOUBLE, `items` DOUBLE) RETURNS DOUBLE COMMENT 'sqlnomaly 0.1.0' RETURN CASE
  WHEN NOT CASE
    WHEN 60 >= 3
    THEN CASE
      WHEN NOT CASE WHEN ABS(`amount`) <= 1e+150 THEN `amount` END IS NULL
      THEN shop.fraud_score_tail_1(`amount`)
    END
  END IS NULL
  AND NOT CASE
    WHEN 60 >= 3
    THEN CASE
      WHEN NOT CASE WHEN ABS(`items`) <= 1e+150 THEN `items` END IS NULL
      THEN shop.fraud_score_tail_2(`items`)
    END
  END IS NULL
  THEN CASE
    WHEN 60 >= 3
    THEN CASE
      WHEN NOT CASE WHEN ABS(`amount`) <= 1e+150 THEN `amount` END IS NULL
      THEN shop.fraud_score_tail_1(`amount`)
    END
  END + CASE
    WHEN 60 >= 3
    THEN CASE
      WHEN NOT CASE WHEN ABS(`items`) <= 1e+150 THEN `items` END IS NULL
      THEN shop.fraud_score_tail_2(`items`)
    END
  END
END;

CREATE OR REPLACE FUNCTION shop.fraud_score_threshold(`amount` DOUBLE, `items` DOUBLE) RETURNS DOUBLE COMMENT 'sqlnomaly 0.1.0' RETURN 5.298317366548036e0;

CREATE OR REPLACE FUNCTION shop.fraud_score_is_anomaly(`amount` DOUBLE, `items` DOUBLE) RETURNS BOOLEAN COMMENT 'sqlnomaly 0.1.0' RETURN shop.fraud_score(`amount`, `items`) > 5.298317371846354e0;

CREATE OR REPLACE FUNCTION shop.fraud_score_reason(`amount` DOUBLE, `items` DOUBLE) RETURNS STRING COMMENT 'sqlnomaly 0.1.0' RETURN CASE
  WHEN shop.fraud_score(`amount`, `items`) IS NULL
  THEN NULL
  WHEN shop.fraud_score_term_1(`amount`, `items`) >= CASE
    WHEN NOT shop.fraud_score_term_1(`amount`, `items`) IS NULL
    AND NOT shop.fraud_score_term_2(`amount`, `items`) IS NULL
    THEN GREATEST(
      shop.fraud_score_term_1(`amount`, `items`),
      shop.fraud_score_term_2(`amount`, `items`)
    )
  END - (
    1e-09 * GREATEST(
      1.0e0,
      ABS(
        CASE
          WHEN NOT shop.fraud_score_term_1(`amount`, `items`) IS NULL
          AND NOT shop.fraud_score_term_2(`amount`, `items`) IS NULL
          THEN GREATEST(
            shop.fraud_score_term_1(`amount`, `items`),
            shop.fraud_score_term_2(`amount`, `items`)
          )
        END
      )
    )
  )
  THEN 'amount'
  WHEN shop.fraud_score_term_2(`amount`, `items`) >= CASE
    WHEN NOT shop.fraud_score_term_1(`amount`, `items`) IS NULL
    AND NOT shop.fraud_score_term_2(`amount`, `items`) IS NULL
    THEN GREATEST(
      shop.fraud_score_term_1(`amount`, `items`),
      shop.fraud_score_term_2(`amount`, `items`)
    )
  END - (
    1e-09 * GREATEST(
      1.0e0,
      ABS(
        CASE
          WHEN NOT shop.fraud_score_term_1(`amount`, `items`) IS NULL
          AND NOT shop.fraud_score_term_2(`amount`, `items`) IS NULL
          THEN GREATEST(
            shop.fraud_score_term_1(`amount`, `items`),
            shop.fraud_score_term_2(`amount`, `items`)
          )
        END
      )
    )
  )
  THEN 'items'
END;

CREATE OR REPLACE FUNCTION shop.fraud_score_status(`amount` DOUBLE, `items` DOUBLE) RETURNS STRING COMMENT 'sqlnomaly 0.1.0' RETURN CASE
  WHEN `amount` IS NULL OR `items` IS NULL
  THEN 'missing_value'
  WHEN CASE WHEN ABS(`amount`) <= 1e+150 THEN `amount` END IS NULL
  OR CASE WHEN ABS(`items`) <= 1e+150 THEN `items` END IS NULL
  THEN 'out_of_range'
  WHEN COALESCE(60, 0) < 3 OR COALESCE(60, 0) < 3
  THEN 'too_few_rows'
  WHEN shop.fraud_score(`amount`, `items`) IS NULL
  OR (
    11.0e0 = 0.0e0 AND 10.0e0 = 0.0e0
  )
  THEN 'constant_baseline'
  ELSE 'ok'
END;
