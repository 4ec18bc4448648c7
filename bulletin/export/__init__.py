"""The public site as static files: what is public, the addresses in it, the directory."""
