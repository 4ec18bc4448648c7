"""Public answers as bytes in front of Django.

`application.PageCacheWSGI` is the WSGI application that server processes call; it stores what
a public view says is `public`, and never answers who has a session. `watcher.RevisionWatcher` knows
since when nothing was written; `cached_page.LRUStore` holds the pages in bounded memory.
"""
