"""What knows pygls and lsprotocol."""
