-- What the load has written to a venue goes away, so that every round finds the same venue. Seeded
-- ids begin with zeros, those of the server and of the load do not. Tabs are seeded anew (tabs.sql).
-- Given: venue, open, size, paid, tips.
-- The server finishes what it has begun after the load generator has gone: that is waited for.
DO $$
BEGIN
    FOR look IN 1..100 LOOP
        PERFORM pg_sleep(0.1), pg_stat_clear_snapshot();
        EXIT WHEN NOT EXISTS (
            SELECT FROM pg_stat_activity WHERE application_name = 'epos' AND state <> 'idle');
    END LOOP;
END $$;
BEGIN;
SET LOCAL session_replication_role = replica;
LOCK TABLE payment_intent, customer_order, payment, order_lock, tab, tab_line IN EXCLUSIVE MODE;
DELETE FROM order_lock WHERE venue_id = :'venue';
DELETE FROM audit_entry WHERE venue_id = :'venue';
DELETE FROM sale_entry WHERE venue_id = :'venue';
DELETE FROM takings_entry WHERE venue_id = :'venue';
DELETE FROM payment WHERE venue_id = :'venue' AND id >= 'pay_0001';
DELETE FROM payment_intent WHERE venue_id = :'venue' AND id >= 'pi_0001';
DELETE FROM tab_line WHERE venue_id = :'venue';
DELETE FROM tab WHERE venue_id = :'venue';
DELETE FROM customer_order WHERE venue_id = :'venue' AND (origin = 'till' OR id >= 'ord_0001');
UPDATE customer_order SET paid_amount = :paid, tips_amount = :tips, version = 1, updated_at = created_at
WHERE venue_id = :'venue' AND version > 1 AND id > 'ord_' || lpad(to_hex(:size - :open), 32, '0');
COMMIT;
VACUUM order_lock, audit_entry, sale_entry, takings_entry, payment, payment_intent, tab, tab_line,
    customer_order;
