-- sqlnomaly 0.1.0: shop.fraud_score scores (amount, items) by iforest
-- placement: the model's numbers stand in one function in python, which the score's function calls (limit: Query size limits: 1 MB of SQL text a statement)

CREATE OR REPLACE FUNCTION shop.fraud_score_paths_1(x1 DOUBLE, x2 DOUBLE)
RETURNS DOUBLE
LANGUAGE PYTHON
IMMUTABLE
RUNTIME_VERSION = '3.11'
PACKAGES = ('numpy', 'pandas')
HANDLER = 'score'
COMMENT = 'sqlnomaly 0.1.0'
AS $$
import numpy as np
import pandas as pd
from _snowflake import vectorized

roots = np.array([0,29,44])
feature = np.array([0,1,0,-1,1,-1,-1,0,0,-1,-1,1,-1,-1,1,0,0,-1,-1,0,-1,-1,1,0,-1,-1,1,-1,-1,1,0,1,0,-1,-1,1,-1,-1,0,-1,0,-1,-1,-1,0,0,1,0,-1,-1,1,-1,-1,-1,0,-1,1,-1,-1])
value = np.array([4.25981924855496,4.804556976784987,1.7014768895063026,3.0,3.3214917306076956,4.0,4.0,2.2992789944324556,0.09476367443797323,4.0,4.0,8.09290074620361,4.0,4.0,4.181644908759859,6.459562343536001,5.568771549808577,4.0,4.0,7.202148361172544,4.0,4.0,6.250420353464557,7.551248828963563,4.0,4.0,7.607805092254311,4.0,5.0,9.692364649569173,6.688759861067648,7.276928958664931,5.546646780594208,7.023664553973461,4.0,8.222220471290264,5.0,4.0,7.13346689775823,3.0,7.905348953451661,4.0,5.0,1.0,6.13764880916349,5.8935429490413656,4.325616773929935,4.580110258181277,5.8516559071392855,5.0,7.9673129314172275,5.8516559071392855,5.0,2.0,8.050845647100285,2.0,8.868650368277606,3.0,3.0])
right = np.array([14,7,4,0,6,0,0,11,10,0,0,13,0,0,22,19,18,0,0,21,0,0,26,25,0,0,28,0,0,43,38,35,34,0,0,37,0,0,40,0,42,0,0,0,54,53,50,49,0,0,52,0,0,0,56,0,58,0,0])


@vectorized(input=pd.DataFrame)
def score(rows):
    x = rows.to_numpy(dtype=float)
    each = np.arange(len(x))
    total = np.zeros(len(x))
    for root in roots:
        at = np.full(len(x), root)
        while (feature[at] >= 0).any():
            split = feature[at] >= 0
            left = x[each, np.where(split, feature[at], 0)] <= value[at]
            at = np.where(split, np.where(left, at + 1, right[at]), at)
        total += value[at]
    return pd.Series(total)

$$;

CREATE OR REPLACE FUNCTION shop.fraud_score("AMOUNT" DOUBLE, "ITEMS" DOUBLE)
RETURNS DOUBLE
LANGUAGE SQL
IMMUTABLE
COMMENT = 'sqlnomaly 0.1.0'
AS $$
CASE
  WHEN 60 >= 3
  THEN CASE
    WHEN NOT CASE WHEN ABS("AMOUNT") <= 1e+150 THEN "AMOUNT" END IS NULL
    AND NOT CASE WHEN ABS("ITEMS") <= 1e+150 THEN "ITEMS" END IS NULL
    THEN POWER(
      CAST(2.0e0 AS DOUBLE),
      shop.fraud_score_paths_1("AMOUNT", "ITEMS") / NULLIF(-CAST(14.086595196022458e0 AS DOUBLE), 0.0e0)
    )
  END
END
$$;

CREATE OR REPLACE FUNCTION shop.fraud_score_threshold("AMOUNT" DOUBLE, "ITEMS" DOUBLE)
RETURNS DOUBLE
LANGUAGE SQL
IMMUTABLE
COMMENT = 'sqlnomaly 0.1.0'
AS $$
CAST(0.6745906364862874e0 AS DOUBLE)
$$;

CREATE OR REPLACE FUNCTION shop.fraud_score_is_anomaly("AMOUNT" DOUBLE, "ITEMS" DOUBLE)
RETURNS BOOLEAN
LANGUAGE SQL
IMMUTABLE
COMMENT = 'sqlnomaly 0.1.0'
AS $$
shop.fraud_score("AMOUNT", "ITEMS") > 0.6745906374862873e0
$$;

CREATE OR REPLACE FUNCTION shop.fraud_score_status("AMOUNT" DOUBLE, "ITEMS" DOUBLE)
RETURNS VARCHAR
LANGUAGE SQL
IMMUTABLE
COMMENT = 'sqlnomaly 0.1.0'
AS $$
CASE
  WHEN "AMOUNT" IS NULL OR "ITEMS" IS NULL
  THEN 'missing_value'
  WHEN CASE WHEN ABS("AMOUNT") <= 1e+150 THEN "AMOUNT" END IS NULL
  OR CASE WHEN ABS("ITEMS") <= 1e+150 THEN "ITEMS" END IS NULL
  THEN 'out_of_range'
  WHEN COALESCE(60, 0) < 3 OR COALESCE(60, 0) < 3
  THEN 'too_few_rows'
  WHEN shop.fraud_score("AMOUNT", "ITEMS") IS NULL
  OR (
    11.0e0 = 0.0e0 AND 10.0e0 = 0.0e0
  )
  THEN 'constant_baseline'
  ELSE 'ok'
END
$$;
