-- sqlnomaly 0.1.0: shop.fraud_score scores (amount, items) by mad
-- placement: the model's numbers stand in SQL expressions (limit: no documented limit; a macro is parsed for every query that calls it)

CREATE OR REPLACE MACRO shop.fraud_score_term_1("amount", "items") AS CASE
  WHEN 60 >= 3
  THEN CASE
    WHEN 4.447806655516806e0 > 0.0e0
    THEN ABS(
      CASE WHEN ABS(CAST("amount" AS DOUBLE)) <= 1e+150 THEN CAST("amount" AS DOUBLE) END - 5.5e0
    ) / NULLIF(4.447806655516806e0, 0.0e0)
    WHEN CASE WHEN ABS(CAST("amount" AS DOUBLE)) <= 1e+150 THEN CAST("amount" AS DOUBLE) END = 5.5e0
    THEN 0.0e0
  END
END;

COMMENT ON MACRO shop.fraud_score_term_1 IS 'sqlnomaly 0.1.0';

CREATE OR REPLACE MACRO shop.fraud_score_term_2("amount", "items") AS CASE
  WHEN 60 >= 3
  THEN CASE
    WHEN 4.447806655516806e0 > 0.0e0
    THEN ABS(
      CASE WHEN ABS(CAST("items" AS DOUBLE)) <= 1e+150 THEN CAST("items" AS DOUBLE) END - 5.0e0
    ) / NULLIF(4.447806655516806e0, 0.0e0)
    WHEN CASE WHEN ABS(CAST("items" AS DOUBLE)) <= 1e+150 THEN CAST("items" AS DOUBLE) END = 5.0e0
    THEN 0.0e0
  END
END;

COMMENT ON MACRO shop.fraud_score_term_2 IS 'sqlnomaly 0.1.0';

CREATE OR REPLACE MACRO shop.fraud_score("amount", "items") AS CASE
  WHEN NOT CASE
    WHEN 60 >= 3
    THEN CASE
      WHEN 4.447806655516806e0 > 0.0e0
      THEN ABS(
        CASE WHEN ABS(CAST("amount" AS DOUBLE)) <= 1e+150 THEN CAST("amount" AS DOUBLE) END - 5.5e0
      ) / NULLIF(4.447806655516806e0, 0.0e0)
      WHEN CASE WHEN ABS(CAST("amount" AS DOUBLE)) <= 1e+150 THEN CAST("amount" AS DOUBLE) END = 5.5e0
      THEN 0.0e0
    END
  END IS NULL
  AND NOT CASE
    WHEN 60 >= 3
    THEN CASE
      WHEN 4.447806655516806e0 > 0.0e0
      THEN ABS(
        CASE WHEN ABS(CAST("items" AS DOUBLE)) <= 1e+150 THEN CAST("items" AS DOUBLE) END - 5.0e0
      ) / NULLIF(4.447806655516806e0, 0.0e0)
      WHEN CASE WHEN ABS(CAST("items" AS DOUBLE)) <= 1e+150 THEN CAST("items" AS DOUBLE) END = 5.0e0
      THEN 0.0e0
    END
  END IS NULL
  THEN GREATEST(
    CASE
      WHEN 60 >= 3
      THEN CASE
        WHEN 4.447806655516806e0 > 0.0e0
        THEN ABS(
          CASE WHEN ABS(CAST("amount" AS DOUBLE)) <= 1e+150 THEN CAST("amount" AS DOUBLE) END - 5.5e0
        ) / NULLIF(4.447806655516806e0, 0.0e0)
        WHEN CASE WHEN ABS(CAST("amount" AS DOUBLE)) <= 1e+150 THEN CAST("amount" AS DOUBLE) END = 5.5e0
        THEN 0.0e0
      END
    END,
    CASE
      WHEN 60 >= 3
      THEN CASE
        WHEN 4.447806655516806e0 > 0.0e0
        THEN ABS(
          CASE WHEN ABS(CAST("items" AS DOUBLE)) <= 1e+150 THEN CAST("items" AS DOUBLE) END - 5.0e0
        ) / NULLIF(4.447806655516806e0, 0.0e0)
        WHEN CASE WHEN ABS(CAST("items" AS DOUBLE)) <= 1e+150 THEN CAST("items" AS DOUBLE) END = 5.0e0
        THEN 0.0e0
      END
    END
  )
END;

COMMENT ON MACRO shop.fraud_score IS 'sqlnomaly 0.1.0';

CREATE OR REPLACE MACRO shop.fraud_score_threshold("amount", "items") AS 3.5e0;

COMMENT ON MACRO shop.fraud_score_threshold IS 'sqlnomaly 0.1.0';

CREATE OR REPLACE MACRO shop.fraud_score_is_anomaly("amount", "items") AS shop.fraud_score("amount", "items") > 3.5000000035e0;

COMMENT ON MACRO shop.fraud_score_is_anomaly IS 'sqlnomaly 0.1.0';

CREATE OR REPLACE MACRO shop.fraud_score_reason("amount", "items") AS CASE
  WHEN shop.fraud_score("amount", "items") IS NULL
  THEN NULL
  WHEN shop.fraud_score_term_1("amount", "items") >= shop.fraud_score("amount", "items") - (
    1e-09 * GREATEST(1.0e0, ABS(shop.fraud_score("amount", "items")))
  )
  THEN 'amount'
  WHEN shop.fraud_score_term_2("amount", "items") >= shop.fraud_score("amount", "items") - (
    1e-09 * GREATEST(1.0e0, ABS(shop.fraud_score("amount", "items")))
  )
  THEN 'items'
END;

COMMENT ON MACRO shop.fraud_score_reason IS 'sqlnomaly 0.1.0';

CREATE OR REPLACE MACRO shop.fraud_score_status("amount", "items") AS CASE
  WHEN CAST("amount" AS DOUBLE) IS NULL OR CAST("items" AS DOUBLE) IS NULL
  THEN 'missing_value'
  WHEN CASE WHEN ABS(CAST("amount" AS DOUBLE)) <= 1e+150 THEN CAST("amount" AS DOUBLE) END IS NULL
  OR CASE WHEN ABS(CAST("items" AS DOUBLE)) <= 1e+150 THEN CAST("items" AS DOUBLE) END IS NULL
  THEN 'out_of_range'
  WHEN COALESCE(60, 0) < 3 OR COALESCE(60, 0) < 3
  THEN 'too_few_rows'
  WHEN shop.fraud_score("amount", "items") IS NULL
  OR (
    4.447806655516806e0 = 0.0e0 AND 4.447806655516806e0 = 0.0e0
  )
  THEN 'constant_baseline'
  ELSE 'ok'
END;

COMMENT ON MACRO shop.fraud_score_status IS 'sqlnomaly 0.1.0';
