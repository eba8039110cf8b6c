from django.urls import path

from leeward.server.people import views

urlpatterns = [
    path("", views.home, name="staff_home"),
    path("demo/", views.demo_sign_in, name="staff_demo"),
    path("keys/", views.keys, name="staff_keys"),
    path("keys/<str:key_id>/revoke/", views.revoke, name="staff_key_revoke"),
]
