from django.urls import path

from leeward.server.desk import views

urlpatterns = [
    path("", views.queue, name="desk"),
    path("counts/", views.counts, name="desk_counts"),
    path("case/<str:case_id>/", views.case, name="desk_case"),
    path("case/<str:case_id>/decide/", views.decide, name="desk_decide"),
    path("case/<str:case_id>/<slug:name>/", views.act, name="desk_act"),
    path("picture/<str:evidence_id>/", views.picture, name="desk_picture"),
    path("referrals/", views.referrals, name="desk_referrals"),
    path("referrals/<str:referral_id>/package/", views.download, name="desk_package"),
    path("referrals/<str:referral_id>/handed-over/", views.handed_over, name="desk_handed_over"),
    path("referrals/<str:referral_id>/again/", views.referral_again, name="desk_referral_again"),
    path("partners/", views.partners, name="desk_partners"),
    path("practice/", views.practice, name="desk_practice"),
]
