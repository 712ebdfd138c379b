"""All addresses."""

from django.urls import include, path

from adapter.ops import views as ops

urlpatterns = [
    path("healthz", ops.healthz, name="healthz"),
    path("readyz", ops.readyz, name="readyz"),
    path("api/", include("adapter.api.urls")),
    path("manage/", include("adapter.manager.urls")),
]
