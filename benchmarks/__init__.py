"""How fast volsculpt is, beside what people use today: `make bench`."""
