"""An installation in one file, and an installation out of it: the database and all uploads."""
