"""The extra for WebSub: a hub is told of each publication, once. Off unless WEBSUB_HUB is set."""
