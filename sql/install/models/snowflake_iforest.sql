-- sqlnomaly 0.1.0: shop.fraud_score scores (amount, items) by iforest
-- placement: the model's numbers stand in 1 functions in python, which the score's function calls (limit: Query size limits: 1 MB of SQL text a statement)

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

roots = np.array([0, 29, 44])
feature = np.array([0, 1, 0, -1, 1, -1, -1, 0, 0, -1, -1, 1, -1, -1, 1, 0, 0, -1, -1, 0, -1, -1, 1, 0, -1, -1, 1, -1, -1, 1, 0, 1, 0, -1, -1, 1, -1, -1, 0, -1, 0, -1, -1, -1, 0, 0, 1, 0, -1, -1, 1, -1, -1, -1, 0, -1, 1, -1, -1])
value = np.array([4.25981924855496e0, 4.804556976784987e0, 1.7014768895063026e0, 3.0e0, 3.3214917306076956e0, 4.0e0, 4.0e0, 2.2992789944324556e0, 0.09476367443797323e0, 4.0e0, 4.0e0, 8.09290074620361e0, 4.0e0, 4.0e0, 4.181644908759859e0, 6.459562343536001e0, 5.568771549808577e0, 4.0e0, 4.0e0, 7.202148361172544e0, 4.0e0, 4.0e0, 6.250420353464557e0, 7.551248828963563e0, 4.0e0, 4.0e0, 7.607805092254311e0, 4.0e0, 5.0e0, 9.692364649569173e0, 6.688759861067648e0, 7.276928958664931e0, 5.546646780594208e0, 7.023664553973461e0, 4.0e0, 8.222220471290264e0, 5.0e0, 4.0e0, 7.13346689775823e0, 3.0e0, 7.905348953451661e0, 4.0e0, 5.0e0, 1.0e0, 6.13764880916349e0, 5.8935429490413656e0, 4.325616773929935e0, 4.580110258181277e0, 5.8516559071392855e0, 5.0e0, 7.9673129314172275e0, 5.8516559071392855e0, 5.0e0, 2.0e0, 8.050845647100285e0, 2.0e0, 8.868650368277606e0, 3.0e0, 3.0e0])
right = np.array([14, 7, 4, 0, 6, 0, 0, 11, 10, 0, 0, 13, 0, 0, 22, 19, 18, 0, 0, 21, 0, 0, 26, 25, 0, 0, 28, 0, 0, 43, 38, 35, 34, 0, 0, 37, 0, 0, 40, 0, 42, 0, 0, 0, 54, 53, 50, 49, 0, 0, 52, 0, 0, 0, 56, 0, 58, 0, 0])
steps = np.array([1, 2, 3, 4])


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
      shop.fraud_score_paths_1(
        CASE WHEN ABS("AMOUNT") <= 1e+150 THEN "AMOUNT" END,
        CASE WHEN ABS("ITEMS") <= 1e+150 THEN "ITEMS" END
      ) / NULLIF(-CAST(14.086595196022458e0 AS DOUBLE), 0.0e0)
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
