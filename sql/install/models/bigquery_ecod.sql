-- sqlnomaly 0.1.0: shop.fraud_score scores (amount, items) by ecod
-- placement: the model's numbers stand in 2 functions in javascript, which the score's function calls (limit: Quotas and limits: 32 KB of a function's body, 50 JavaScript resources a query)

CREATE OR REPLACE FUNCTION shop.fraud_score_tail_1(x1 FLOAT64)
RETURNS FLOAT64
DETERMINISTIC
LANGUAGE js
OPTIONS (description = 'sqlnomaly 0.1.0')
AS 'const x = [x1];\nconst edges=[-5e-324,0.0,0.49999999999999994,0.5,0.9999999999999999,1.0,1.4999999999999998,1.5,1.9999999999999998,2.0,2.4999999999999996,2.5,2.9999999999999996,3.0,3.4999999999999996,3.5,3.9999999999999996,4.0,4.499999999999999,4.5,4.999999999999999,5.0,5.499999999999999,5.5,5.999999999999999,6.0,6.499999999999999,6.5,6.999999999999999,7.0,7.499999999999999,7.5,7.999999999999999,8.0,8.499999999999998,8.5,8.999999999999998,9.0,9.499999999999998,9.5,9.999999999999998,10.0,10.499999999999998,10.5,10.999999999999998,11.0];\nconst levels=[4.0943445622221,2.995732273553991,3.0470255679415414,2.353878387381596,2.407945608651872,2.120263536200091,2.158003864182938,1.8395501330644035,1.8989735535352044,1.7319194688720378,1.773592165272606,1.5659528004943617,1.631910768286159,1.5141277326297757,1.5606477482646683,1.4064970684374103,1.480605040591132,1.3470736479666092,1.4271163556401458,1.3470736479666092,1.404232061806558,1.2950327698415658,1.3874060899725809,1.3207147154739087,1.3874060899725809,1.2950327698415658,1.404232061806558,1.3470736479666092,1.4271163556401458,1.3470736479666092,1.480605040591132,1.4064970684374103,1.5606477482646683,1.5141277326297757,1.631910768286159,1.5659528004943617,1.773592165272606,1.7319194688720378,1.8989735535352044,1.8395501330644035,2.158003864182938,2.120263536200091,2.407945608651872,2.353878387381596,3.0470255679415414,2.995732273553991,4.0943445622221];\nlet low = 0, high = edges.length;\nwhile (low < high) {\n  const middle = (low + high) >> 1;\n  if (x[0] <= edges[middle]) high = middle; else low = middle + 1;\n}\nreturn levels[low];\n';

CREATE OR REPLACE FUNCTION shop.fraud_score_tail_2(x1 FLOAT64)
RETURNS FLOAT64
DETERMINISTIC
LANGUAGE js
OPTIONS (description = 'sqlnomaly 0.1.0')
AS 'const x = [x1];\nconst edges=[-5e-324,0.9999999999999999,1.9999999999999998,2.9999999999999996,3.9999999999999996,4.999999999999999,5.0,6.0,7.0,8.0,9.0,10.0];\nconst levels=[4.0943445622221,2.3025850929940455,1.6964492894237302,1.3217558399823195,1.0498221244986778,0.7985076962177716,0.5978370007556204,0.7985076962177716,1.0033021088637848,1.2611312181658847,1.6094379124341003,2.3025850929940455,4.0943445622221];\nlet low = 0, high = edges.length;\nwhile (low < high) {\n  const middle = (low + high) >> 1;\n  if (x[0] <= edges[middle]) high = middle; else low = middle + 1;\n}\nreturn levels[low];\n';

CREATE OR REPLACE FUNCTION shop.fraud_score_term_1(`amount` FLOAT64, `items` FLOAT64)
RETURNS FLOAT64
AS (
CASE
  WHEN 60 >= 3
  THEN CASE
    WHEN NOT CASE WHEN ABS(`amount`) <= 1e+150 THEN `amount` END IS NULL
    THEN shop.fraud_score_tail_1(`amount`)
  END
END
)
OPTIONS (description = 'sqlnomaly 0.1.0');

CREATE OR REPLACE FUNCTION shop.fraud_score_term_2(`amount` FLOAT64, `items` FLOAT64)
RETURNS FLOAT64
AS (
CASE
  WHEN 60 >= 3
  THEN CASE
    WHEN NOT CASE WHEN ABS(`items`) <= 1e+150 THEN `items` END IS NULL
    THEN shop.fraud_score_tail_2(`items`)
  END
END
)
OPTIONS (description = 'sqlnomaly 0.1.0');

CREATE OR REPLACE FUNCTION shop.fraud_score(`amount` FLOAT64, `items` FLOAT64)
RETURNS FLOAT64
AS (
CASE
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
END
)
OPTIONS (description = 'sqlnomaly 0.1.0');

CREATE OR REPLACE FUNCTION shop.fraud_score_threshold(`amount` FLOAT64, `items` FLOAT64)
RETURNS FLOAT64
AS (
5.298317366548036e0
)
OPTIONS (description = 'sqlnomaly 0.1.0');

CREATE OR REPLACE FUNCTION shop.fraud_score_is_anomaly(`amount` FLOAT64, `items` FLOAT64)
RETURNS BOOL
AS (
shop.fraud_score(`amount`, `items`) > 5.298317371846354e0
)
OPTIONS (description = 'sqlnomaly 0.1.0');

CREATE OR REPLACE FUNCTION shop.fraud_score_reason(`amount` FLOAT64, `items` FLOAT64)
RETURNS STRING
AS (
CASE
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
END
)
OPTIONS (description = 'sqlnomaly 0.1.0');

CREATE OR REPLACE FUNCTION shop.fraud_score_status(`amount` FLOAT64, `items` FLOAT64)
RETURNS STRING
AS (
CASE
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
END
)
OPTIONS (description = 'sqlnomaly 0.1.0');
