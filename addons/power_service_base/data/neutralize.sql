-- A copy of the database must not send to customers.
UPDATE power_message_gateway SET active = FALSE, url = 'http://127.0.0.1:9/';
