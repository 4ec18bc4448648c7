"""The admin's own addresses, under /admin/autosave/."""

from __future__ import annotations

from django.urls import path

from bulletin.admin import views

app_name = "autosave"

urlpatterns = [
    path("save/", views.save, name="save"),
    path("closed/", views.closed, name="closed"),
    path("discard/", views.discard, name="discard"),
    path("pending/", views.pending, name="pending"),
]
