from django.urls import path

from leeward.server.people import views

urlpatterns = [
    path("", views.home, name="staff_home"),
    path("keys/", views.keys, name="staff_keys"),
    path("keys/<str:key_id>/revoke/", views.revoke, name="staff_key_revoke"),
]
