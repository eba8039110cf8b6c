from django.urls import path

from leeward.server.people import views

urlpatterns = [
    path("", views.home, name="staff_home"),
    path("demo/", views.demo_sign_in, name="staff_demo"),
    path("webhooks/", views.webhooks, name="staff_webhooks"),
    path("webhooks/<str:message_id>/again/", views.webhook_again, name="staff_webhook_again"),
    path("keys/", views.keys, name="staff_keys"),
    path("keys/<str:key_id>/revoke/", views.revoke, name="staff_key_revoke"),
]
