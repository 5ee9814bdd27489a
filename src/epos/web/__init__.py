"""What both HTTP APIs share: middleware, authentication, the route class, errors, documents."""
