"""One class per noun: opens a unit of work, applies domain rules, commits, answers contract models."""
