"""Towards Dojo: its API, our registration there, and the events that tell it what has changed."""
