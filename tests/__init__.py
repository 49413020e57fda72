"""The tests, arranged like the source; `structure` holds what the house asks of every file."""
