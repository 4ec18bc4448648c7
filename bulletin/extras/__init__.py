"""What not every installation wants: a module an extra of pyproject.toml, which adds to the
settings; off by default."""
