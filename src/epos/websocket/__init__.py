"""The same API over JSON-RPC, on a WebSocket that the EPOS opens to Dojo."""
