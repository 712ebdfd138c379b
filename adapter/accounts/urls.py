"""Addresses of the app, below ``/login/``."""

from django.urls import path

from adapter.accounts import views

urlpatterns = [
    path("openid/", views.start, name="openid-login"),
    path("openid/callback/", views.callback, name="openid-callback"),
]
