from bulletin.admin import posts as posts
