from django.urls import path

from leeward.server.screening import views

urlpatterns = [path("", views.page, name="play")]
