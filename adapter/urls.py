"""All addresses."""

from django.contrib.auth.views import LogoutView
from django.urls import include, path
from django.views.generic import RedirectView

from adapter.accounts.passwords import PasswordLogin

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="manager-home"), name="root"),
    path("login/", PasswordLogin.as_view(), name="login"),
    path("login/", include("adapter.accounts.urls")),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("api/", include("adapter.api.urls")),
    path("manage/", include("adapter.manager.urls")),
]

handler400 = "adapter.ops.errors.bad_request"
handler403 = "adapter.ops.errors.permission_denied"
handler404 = "adapter.ops.errors.not_found"
handler500 = "adapter.ops.errors.server_error"
