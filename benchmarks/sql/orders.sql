-- Orders number :first to :last of :size, one a minute, the newest last; the newest :open of them are
-- open and paid in part, the others Finalized and paid in full. One in two has a party that has left,
-- one in a hundred a reservation, one in three a waiter of its own.
-- Given: venue, first, last, size, open, total, paid, tips, content.
-- No trigger and no foreign key is asked: what is written here agrees with them (see check.sql).
BEGIN;
SET LOCAL session_replication_role = replica;
SET LOCAL synchronous_commit = off;

INSERT INTO party (venue_id, id, covers, status, start_time, end_time, created_at, updated_at)
SELECT :'venue', 'pty_' || lpad(to_hex(n), 32, '0'), 4, 'Left', at, at + interval '1 hour', at, at
FROM generate_series(:first, :last) AS n, LATERAL (SELECT now() - (:size - n) * interval '1 minute' AS at)
WHERE n % 20 = 0;

INSERT INTO party_table (venue_id, party_id, table_id, position, is_live)
SELECT :'venue', 'pty_' || lpad(to_hex(n), 32, '0'), 'tbl_' || (n % 40 + 1), 0, false
FROM generate_series(:first, :last) AS n
WHERE n % 20 = 0;

INSERT INTO reservation
    (venue_id, id, name, covers, start_time, end_time, created_at, updated_at)
SELECT :'venue', 'rsv_' || lpad(to_hex(n), 32, '0'), 'Guest ' || n, 4, at, at + interval '1 hour', at, at
FROM generate_series(:first, :last) AS n, LATERAL (SELECT now() - (:size - n) * interval '1 minute' AS at)
WHERE n % 100 = 0;

INSERT INTO customer_order (
    venue_id, id, origin, dojo_order_id, fingerprint, status, currency, total_amount, paid_amount,
    tips_amount, order_type, table_id, waiter_id, party_id, reservation_id, reference,
    reference_is_ours, note, content, created_at, updated_at)
SELECT
    :'venue', 'ord_' || lpad(to_hex(n), 32, '0'), 'dojo', 'dojo_' || n, repeat(md5(n::text), 2),
    CASE WHEN is_open THEN 'Accepted' ELSE 'Finalized' END, 'GBP', :total,
    CASE WHEN is_open THEN :paid ELSE :total END, :tips, 'DineIn',
    'tbl_' || (n % 40 + 1),
    CASE WHEN n % 3 = 0 THEN 'w' || (n / 3 % 6 + 1) END,
    CASE WHEN n > 20 AND n % 2 = 0 AND NOT is_open THEN 'pty_' || lpad(to_hex(n / 20 * 20), 32, '0') END,
    CASE WHEN n % 100 = 0 THEN 'rsv_' || lpad(to_hex(n), 32, '0') END,
    lpad(to_hex(n % 65536), 4, '0'), true, 'Starters and mains together, please',
    :'content'::jsonb, at, at
FROM generate_series(:first, :last) AS n,
    LATERAL (SELECT now() - (:size - n) * interval '1 minute' AS at, n > :size - :open AS is_open);

INSERT INTO payment_intent (venue_id, id, status)
SELECT :'venue', 'pi_' || lpad(to_hex(n), 32, '0'), 'Captured' FROM generate_series(:first, :last) AS n;

INSERT INTO payment (
    venue_id, id, order_id, position, source, payment_intent_id, paid_amount, tips_amount, status,
    recorded_at, credential, trace_id)
SELECT
    :'venue', 'pay_' || lpad(to_hex(n), 32, '0'), 'ord_' || lpad(to_hex(n), 32, '0'), 0, 'dojo',
    'pi_' || lpad(to_hex(n), 32, '0'), CASE WHEN n > :size - :open THEN :paid ELSE :total END, :tips,
    'captured', now() - (:size - n) * interval '1 minute', 'bench', 'seed'
FROM generate_series(:first, :last) AS n;
COMMIT;
