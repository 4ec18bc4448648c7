"""Ready pages: what everybody gets, kept as bytes in front of Django's stack.

`front.Ready` is the WSGI application that server processes call. It keeps what a public view says
is `public`, and nothing else; whoever has a session is never answered from here. `watch.Watch`
knows since when nothing was written, and `store.Store` holds the pages in bounded memory.
"""
