"""All addresses. Every view says whom it is for (core.audience); a guard test walks this list."""

from django.urls import include, path
from django.views.i18n import set_language

from leeward.server.api import api
from leeward.server.core import views as core
from leeward.server.core.audience import audience
from leeward.server.design import views as design
from leeward.server.desk import urls as desk
from leeward.server.families import urls as families
from leeward.server.people import urls as people
from leeward.server.register import urls as register
from leeward.server.reports import urls as reports
from leeward.server.screening import urls as screening

urlpatterns = [
    path("", design.home, name="home"),
    path("language/", audience("public")(set_language), name="set_language"),
    path("healthz", core.healthz, name="healthz"),
    path("readyz", core.readyz, name="readyz"),
    path("metrics", core.metrics, name="metrics"),
    path("v1/", api.urls),
    path("accounts/", include("allauth.urls")),
    path("staff/", include(people)),
    path("play", include(screening)),
    path("", include(reports)),
    path("", include(families)),
    path("desk/", include(desk)),
    path("register/", include(register)),
]
handler400 = "leeward.server.design.views.bad_request"
handler403 = "leeward.server.design.views.forbidden"
handler404 = "leeward.server.design.views.not_found"
handler500 = "leeward.server.design.views.broken"
