-- A restaurant: four areas, their tables, seven waiters, a menu of ten items, two credentials.
-- Given: venue, policy, tables, secret_sha256, price, modifier.
INSERT INTO venue (id, name, currency, time_zone, access_policy)
VALUES (:'venue', 'The Benchmark Arms', 'GBP', 'Europe/London', :'policy');

INSERT INTO credential (venue_id, name, role, secret_sha256)
VALUES (:'venue', 'bench', 'dojo', :'secret_sha256'), (:'venue', 'till', 'till', :'secret_sha256');

INSERT INTO area (venue_id, id, name, position)
SELECT :'venue', 'area_' || n, 'Area ' || n, n FROM generate_series(1, 4) AS n;

INSERT INTO waiter (venue_id, id, name, is_manager)
SELECT :'venue', 'w' || n, 'Waiter ' || n, n = 7 FROM generate_series(1, 7) AS n;

INSERT INTO dining_table (venue_id, id, area_id, name, name_key, max_covers)
SELECT :'venue', 'tbl_' || n, 'area_' || (n % 4 + 1), 'Table ' || n, 'table ' || lpad(n::text, 4, '0'), 4
FROM generate_series(1, :tables) AS n;

INSERT INTO area_waiter (venue_id, area_id, waiter_id)
SELECT :'venue', 'area_' || n, 'w' || n FROM generate_series(1, 3) AS n;

INSERT INTO table_waiter (venue_id, table_id, waiter_id)
SELECT :'venue', 'tbl_' || n * 4, 'w5' FROM generate_series(1, 5) AS n;

INSERT INTO menu_category (venue_id, id, name, position) VALUES (:'venue', 'mains', 'Mains', 0);

INSERT INTO menu_item (venue_id, plu, category_id, name, price, vat_rate, position)
SELECT :'venue', 'PLU00' || n, 'mains', 'Spaghetti alla carbonara ' || n, :price, 2000, n
FROM generate_series(0, 9) AS n;

INSERT INTO menu_modifier (venue_id, item_plu, plu, name, price, position)
SELECT :'venue', 'PLU00' || n, 'MOD00' || n, 'Extra parmesan', :modifier, 0
FROM generate_series(0, 9) AS n;
