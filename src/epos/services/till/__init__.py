"""What staff do: the till's side of the services, on the same rules as the contract's."""
