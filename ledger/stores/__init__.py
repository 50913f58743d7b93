"""Where the objects lie: a folder, a bucket of S3 or of what speaks its language."""
