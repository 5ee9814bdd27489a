"""What the simulated Dojo answers: Dojo's API, the WebSocket endpoint, and the control API."""
