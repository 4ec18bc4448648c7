from bulletin.admin import incidents as incidents
from bulletin.admin import posts as posts
from bulletin.admin import site_settings as site_settings
