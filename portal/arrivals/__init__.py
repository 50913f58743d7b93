"""When money that a provider has paid may be expected, in days that banks work."""
