"""What a short beside a coin that is owned earns, contract by contract."""
