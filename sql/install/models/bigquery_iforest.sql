-- sqlnomaly 0.1.0: shop.fraud_score scores (amount, items) by iforest
-- placement: the model's numbers stand in one function in javascript, which the score's function calls (limit: Quotas and limits: 32 KB of a function's body, 50 JavaScript resources a query)

CREATE OR REPLACE FUNCTION shop.fraud_score_paths_1(x1 FLOAT64, x2 FLOAT64)
RETURNS FLOAT64
DETERMINISTIC
LANGUAGE js
OPTIONS (description = 'sqlnomaly 0.1.0')
AS 'const x = [x1, x2];\nconst roots=[0,29,44];\nconst feature=[0,1,0,-1,1,-1,-1,0,0,-1,-1,1,-1,-1,1,0,0,-1,-1,0,-1,-1,1,0,-1,-1,1,-1,-1,1,0,1,0,-1,-1,1,-1,-1,0,-1,0,-1,-1,-1,0,0,1,0,-1,-1,1,-1,-1,-1,0,-1,1,-1,-1];\nconst value=[4.25981924855496,4.804556976784987,1.7014768895063026,3.0,3.3214917306076956,4.0,4.0,2.2992789944324556,0.09476367443797323,4.0,4.0,8.09290074620361,4.0,4.0,4.181644908759859,6.459562343536001,5.568771549808577,4.0,4.0,7.202148361172544,4.0,4.0,6.250420353464557,7.551248828963563,4.0,4.0,7.607805092254311,4.0,5.0,9.692364649569173,6.688759861067648,7.276928958664931,5.546646780594208,7.023664553973461,4.0,8.222220471290264,5.0,4.0,7.13346689775823,3.0,7.905348953451661,4.0,5.0,1.0,6.13764880916349,5.8935429490413656,4.325616773929935,4.580110258181277,5.8516559071392855,5.0,7.9673129314172275,5.8516559071392855,5.0,2.0,8.050845647100285,2.0,8.868650368277606,3.0,3.0];\nconst right=[14,6,2,0,2,0,0,4,2,0,0,2,0,0,8,4,2,0,0,2,0,0,4,2,0,0,2,0,0,14,8,4,2,0,0,2,0,0,2,0,2,0,0,0,10,8,4,2,0,0,2,0,0,0,2,0,2,0,0];\nlet sum = 0;\nfor (const root of roots) {\n  let at = root;\n  while (feature[at] >= 0) at += x[feature[at]] <= value[at] ? 1 : right[at];\n  sum += value[at];\n}\nreturn sum;\n';

CREATE OR REPLACE FUNCTION shop.fraud_score(`amount` FLOAT64, `items` FLOAT64)
RETURNS FLOAT64
AS (
CASE
  WHEN 60 >= 3
  THEN CASE
    WHEN NOT CASE WHEN ABS(`amount`) <= 1e+150 THEN `amount` END IS NULL
    AND NOT CASE WHEN ABS(`items`) <= 1e+150 THEN `items` END IS NULL
    THEN POWER(
      2.0e0,
      shop.fraud_score_paths_1(`amount`, `items`) / NULLIF(-14.086595196022458e0, 0.0e0)
    )
  END
END
)
OPTIONS (description = 'sqlnomaly 0.1.0');

CREATE OR REPLACE FUNCTION shop.fraud_score_threshold(`amount` FLOAT64, `items` FLOAT64)
RETURNS FLOAT64
AS (
0.6745906364862874e0
)
OPTIONS (description = 'sqlnomaly 0.1.0');

CREATE OR REPLACE FUNCTION shop.fraud_score_is_anomaly(`amount` FLOAT64, `items` FLOAT64)
RETURNS BOOL
AS (
shop.fraud_score(`amount`, `items`) > 0.6745906374862873e0
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
