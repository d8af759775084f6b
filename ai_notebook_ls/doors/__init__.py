"""Ways in: stdio, WebSocket, attach, terminal."""
