"""The client of Dojo's API: registration, outgoing events, payments that are checked."""
