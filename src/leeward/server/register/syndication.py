"""News as Atom and RSS."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.contrib.syndication.views import Feed
from django.http import HttpRequest
from django.utils.feedgenerator import Atom1Feed, Rss201rev2Feed, SyndicationFeed

from leeward.server.register import access
from leeward.server.register.catalogue import base
from leeward.server.register.models import Alliance, News

SHOWN = 40


if TYPE_CHECKING:
    _Feed = Feed[News, Alliance]
else:
    _Feed = Feed  # generic only for the type checker


class RssNews(_Feed):
    """RSS 2.0."""

    feed_type: type[SyndicationFeed] = Rss201rev2Feed
    audience = "public"

    def get_object(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Alliance:
        return access.alliance(kwargs["slug"])

    def title(self, of: Alliance) -> str:
        return f"News of {of.name}"

    def link(self, of: Alliance) -> str:
        return f"{base(of)}news/"

    def description(self, of: Alliance) -> str:
        return of.about

    subtitle = description

    def items(self, of: Alliance) -> list[News]:
        return list(of.news.exclude(on=None).exclude(kind=News.Kind.MILESTONE).select_related("alliance").order_by("-on", "-pk")[:SHOWN])

    def item_title(self, item: News) -> str:
        return item.title

    def item_description(self, item: News) -> str:
        return item.text

    def item_link(self, item: News) -> str:
        return item.url or f"{base(item.alliance)}news/#news-{item.pk}"

    def item_guid(self, item: News) -> str:
        return f"{base(item.alliance)}news/#news-{item.pk}"

    item_guid_is_permalink = False

    def item_pubdate(self, item: News) -> dt.datetime:
        return dt.datetime.combine(item.on or dt.date.min, dt.time(), dt.UTC)

    item_updateddate = item_pubdate

    def item_categories(self, item: News) -> list[str]:
        return [str(topic) for topic in item.topics]


class AtomNews(RssNews):
    """Atom (RFC 4287)."""

    feed_type = Atom1Feed
