"""All addresses."""

from django.contrib.auth.views import LoginView, LogoutView
from django.urls import include, path
from django.views.generic import RedirectView

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="manager-home"), name="root"),
    path("login/", LoginView.as_view(template_name="manager/login.html"), name="login"),
    path("login/", include("adapter.accounts.urls")),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("api/", include("adapter.api.urls")),
    path("manage/", include("adapter.manager.urls")),
]

handler400 = "adapter.ops.errors.bad_request"
handler403 = "adapter.ops.errors.permission_denied"
handler404 = "adapter.ops.errors.not_found"
handler500 = "adapter.ops.errors.server_error"
