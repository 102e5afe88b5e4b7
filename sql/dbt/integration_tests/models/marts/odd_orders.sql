-- Lines whose price is unlike those of the same product.
SELECT order_id, day, product_id, unit_cents, anomaly_score, anomaly_reason
FROM {{ sqlnomaly.detect_anomalies(
  ref('orders'), ['unit_cents'], detector='mad', partition_by=['product_id'], threshold=10
) }} AS scored
WHERE is_anomaly
