-- Seeding went past the constraints; nothing may be found that they would have refused.
-- Given: venue.
SELECT count(*)
FROM customer_order AS o
LEFT JOIN LATERAL (
    SELECT coalesce(sum(paid_amount), 0) AS paid, coalesce(sum(tips_amount), 0) AS tips
    FROM payment WHERE venue_id = o.venue_id AND order_id = o.id AND status IN ('recorded', 'captured')
) AS ledger ON true
LEFT JOIN party ON party.venue_id = o.venue_id AND party.id = o.party_id
LEFT JOIN reservation ON reservation.venue_id = o.venue_id AND reservation.id = o.reservation_id
LEFT JOIN dining_table ON dining_table.venue_id = o.venue_id AND dining_table.id = o.table_id
WHERE o.venue_id = :'venue' AND (
    o.paid_amount <> ledger.paid OR o.tips_amount <> ledger.tips OR dining_table.id IS NULL
    OR o.party_id IS NOT NULL AND party.id IS NULL
    OR o.reservation_id IS NOT NULL AND reservation.id IS NULL);
