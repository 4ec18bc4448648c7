"""The extra [login]: throttled signing in, a second factor, an audit log. Off by default."""
