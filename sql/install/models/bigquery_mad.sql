-- sqlnomaly 0.1.0: shop.fraud_score scores (amount, items) by mad
-- placement: the model's numbers stand in SQL expressions (limit: Quotas and limits: 32 KB of a function's body, 50 JavaScript resources a query)

CREATE OR REPLACE FUNCTION shop.fraud_score_term_1(`amount` FLOAT64, `items` FLOAT64)
RETURNS FLOAT64
AS (
CASE
  WHEN 60 >= 3
  THEN CASE
    WHEN 4.447806655516806e0 > 0.0e0
    THEN ABS(CASE WHEN ABS(`amount`) <= 1e+150 THEN `amount` END - 5.5e0) / NULLIF(4.447806655516806e0, 0.0e0)
    WHEN CASE WHEN ABS(`amount`) <= 1e+150 THEN `amount` END = 5.5e0
    THEN 0.0e0
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
    WHEN 4.447806655516806e0 > 0.0e0
    THEN ABS(CASE WHEN ABS(`items`) <= 1e+150 THEN `items` END - 5.0e0) / NULLIF(4.447806655516806e0, 0.0e0)
    WHEN CASE WHEN ABS(`items`) <= 1e+150 THEN `items` END = 5.0e0
    THEN 0.0e0
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
      WHEN 4.447806655516806e0 > 0.0e0
      THEN ABS(CASE WHEN ABS(`amount`) <= 1e+150 THEN `amount` END - 5.5e0) / NULLIF(4.447806655516806e0, 0.0e0)
      WHEN CASE WHEN ABS(`amount`) <= 1e+150 THEN `amount` END = 5.5e0
      THEN 0.0e0
    END
  END IS NULL
  AND NOT CASE
    WHEN 60 >= 3
    THEN CASE
      WHEN 4.447806655516806e0 > 0.0e0
      THEN ABS(CASE WHEN ABS(`items`) <= 1e+150 THEN `items` END - 5.0e0) / NULLIF(4.447806655516806e0, 0.0e0)
      WHEN CASE WHEN ABS(`items`) <= 1e+150 THEN `items` END = 5.0e0
      THEN 0.0e0
    END
  END IS NULL
  THEN GREATEST(
    CASE
      WHEN 60 >= 3
      THEN CASE
        WHEN 4.447806655516806e0 > 0.0e0
        THEN ABS(CASE WHEN ABS(`amount`) <= 1e+150 THEN `amount` END - 5.5e0) / NULLIF(4.447806655516806e0, 0.0e0)
        WHEN CASE WHEN ABS(`amount`) <= 1e+150 THEN `amount` END = 5.5e0
        THEN 0.0e0
      END
    END,
    CASE
      WHEN 60 >= 3
      THEN CASE
        WHEN 4.447806655516806e0 > 0.0e0
        THEN ABS(CASE WHEN ABS(`items`) <= 1e+150 THEN `items` END - 5.0e0) / NULLIF(4.447806655516806e0, 0.0e0)
        WHEN CASE WHEN ABS(`items`) <= 1e+150 THEN `items` END = 5.0e0
        THEN 0.0e0
      END
    END
  )
END
)
OPTIONS (description = 'sqlnomaly 0.1.0');

CREATE OR REPLACE FUNCTION shop.fraud_score_threshold(`amount` FLOAT64, `items` FLOAT64)
RETURNS FLOAT64
AS (
3.5e0
)
OPTIONS (description = 'sqlnomaly 0.1.0');

CREATE OR REPLACE FUNCTION shop.fraud_score_is_anomaly(`amount` FLOAT64, `items` FLOAT64)
RETURNS BOOL
AS (
shop.fraud_score(`amount`, `items`) > 3.5000000035e0
)
OPTIONS (description = 'sqlnomaly 0.1.0');

CREATE OR REPLACE FUNCTION shop.fraud_score_reason(`amount` FLOAT64, `items` FLOAT64)
RETURNS STRING
AS (
CASE
  WHEN shop.fraud_score(`amount`, `items`) IS NULL
  THEN NULL
  WHEN shop.fraud_score_term_1(`amount`, `items`) >= shop.fraud_score(`amount`, `items`) - (
    1e-09 * GREATEST(1.0e0, ABS(shop.fraud_score(`amount`, `items`)))
  )
  THEN 'amount'
  WHEN shop.fraud_score_term_2(`amount`, `items`) >= shop.fraud_score(`amount`, `items`) - (
    1e-09 * GREATEST(1.0e0, ABS(shop.fraud_score(`amount`, `items`)))
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
    4.447806655516806e0 = 0.0e0 AND 4.447806655516806e0 = 0.0e0
  )
  THEN 'constant_baseline'
  ELSE 'ok'
END
)
OPTIONS (description = 'sqlnomaly 0.1.0');
