"""The EPOS Data API over HTTP."""
