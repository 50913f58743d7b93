"""Livestream sessions as the platform recorded them: products, promises, transcript, replay."""
