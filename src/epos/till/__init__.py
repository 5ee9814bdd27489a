"""The till's own API over HTTP: what staff and whoever writes a till for them can do."""
