"""Keep venues connected to Dojo, in both directions, while this process has the lease."""
