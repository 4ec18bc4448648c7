"""The admin's own addresses, under /admin/autosave/."""

from __future__ import annotations

from django.urls import path

from bulletin.admin import views

app_name = "autosave"

urlpatterns = [
    path("keep/", views.keep, name="keep"),
    path("closed/", views.closed, name="closed"),
    path("discard/", views.discard, name="discard"),
    path("offers/", views.offers, name="offers"),
]
