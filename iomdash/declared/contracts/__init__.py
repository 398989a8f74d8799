"""The contracts in data_contracts/ as data: columns, keys and rules."""
