"""The extra [services]: what many replicas share instead of files of one machine."""
