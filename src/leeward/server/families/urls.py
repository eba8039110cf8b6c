from django.urls import path

from leeward.server.families import views

urlpatterns = [
    path("my/", views.my, name="my"),
    path("my/enter/<str:token>/", views.enter, name="my_enter"),
    path("my/code/", views.my_code, name="my_code"),
    path("my/join/", views.my_join, name="my_join"),
    path("my/link/<str:link_id>/", views.my_link, name="my_link"),
    path("my/wish/", views.my_wish, name="my_wish"),
    path("my/contest/", views.my_contest, name="my_contest"),
    path("my/leave/", views.leave, name="my_leave"),
    path("family/", views.family, name="family"),
    path("family/sign-in/", views.sign_in, name="family_sign_in"),
    path("family/link/", views.link, name="family_link"),
    path("family/<str:link_id>/", views.child, name="family_child"),
    path("family/<str:link_id>/agreement/", views.agreement, name="family_agreement"),
    path("family/<str:link_id>/<slug:name>/", views.act, name="family_act"),
]
