"""What every HTTP door shares: requests observed and authenticated, routes, errors as EPOSErrors."""
