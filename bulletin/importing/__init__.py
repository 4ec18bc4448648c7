"""Bulletin text in: a parser and a reader of one line, both pure, and writers."""
