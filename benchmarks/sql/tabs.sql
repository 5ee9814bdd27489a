-- As many open tabs as the venue has open orders, each with four lines that the kitchen knows. They are
-- older than all orders, so that no search finds them on the pages that it did before.
-- Given: venue, size, open, price, total, content, sales.
BEGIN;
SET LOCAL session_replication_role = replica;
SET LOCAL synchronous_commit = off;

INSERT INTO customer_order (
    venue_id, id, origin, status, currency, total_amount, order_type, table_id, reference,
    reference_is_ours, content, sales, created_at, updated_at)
SELECT
    :'venue', 'ord_0000000t' || lpad(to_hex(n), 24, '0'), 'till', 'Accepted', 'GBP', :total, 'DineIn',
    'tbl_' || (n % 40 + 1), 'T' || n, false, :'content'::jsonb, :'sales'::jsonb, at, at
FROM generate_series(1, :open) AS n,
    LATERAL (SELECT now() - (:size + n) * interval '1 minute' AS at);

INSERT INTO tab (venue_id, order_id, service_charge_rate, service_charge_bears_vat, rounds)
SELECT :'venue', id, 0, false, 1 FROM customer_order WHERE venue_id = :'venue' AND origin = 'till';

INSERT INTO tab_line (
    venue_id, id, order_id, position, plu, name, category, vat_rate, price, quantity, sent_round, sent_at,
    added_at)
SELECT
    :'venue', 'lin_' || lpad(to_hex(n * 4 + position), 32, '0'),
    'ord_0000000t' || lpad(to_hex(n), 24, '0'), position, 'PLU00' || position,
    'Spaghetti alla carbonara ' || position, 'Mains', 2000, :price, 1, 1, now(), now()
FROM generate_series(1, :open) AS n, generate_series(0, 3) AS position;
COMMIT;
