-- Of what the kiosk found of itself only the newest waits for central.
CREATE INDEX outbox_health ON outbox (seq)
WHERE body ->> '$.kind' = 'device_examined';
