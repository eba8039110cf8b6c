"""`{% icon "name" %}`: line icons that take the colour of their text. They stand beside words, so they are hidden from screen readers."""

from __future__ import annotations

from django import template
from django.utils.safestring import SafeString, mark_safe

register = template.Library()
_AGE = (
    '<circle cx="12" cy="12" r="9.5"/><text x="12" y="16" text-anchor="middle" font-size="10" fill="currentColor" stroke="none">{}</text>'
)
ICONS: dict[str, str] = {
    "shield": '<path d="M12 3l8 3v6c0 5-3.5 8-8 9-4.500-1-8-4-8-9V6z"/><path d="M8.500 12l2.500 2.500 4.500-5"/>',
    "alarm": '<path d="M12 3l10 18H2z"/><path d="M12 10v5M12 18v.1"/>',
    "question": '<circle cx="12" cy="12" r="9.500"/><path d="M9.500 9.500a2.500 2.500 0 1 1 3.500 2.300c-.7.300-1 .8-1 1.700M12 17v.1"/>',
    "person": '<circle cx="12" cy="8" r="4"/><path d="M4 21c0-4.500 3.500-7 8-7s8 2.500 8 7"/>',
    "friends": '<circle cx="8" cy="9" r="3.500"/><circle cx="17" cy="10" r="2.500"/><path d="M2 20c0-4 2.500-6 6-6s6 2 6 6M15 15c3.500-.5 6 1.500 6 5"/>',
    "people": '<circle cx="6" cy="9" r="2.500"/><circle cx="12" cy="7" r="2.500"/><circle cx="18" cy="9" r="2.500"/><path d="M2 19c0-3 1.500-5 4-5M22 19c0-3-1.500-5-4-5M7 19c0-4 2-6 5-6s5 2 5 6"/>',
    "eye": '<path d="M2 12c3-5 6.500-7 10-7s7 2 10 7c-3 5-6.500 7-10 7s-7-2-10-7z"/><circle cx="12" cy="12" r="3"/>',
    "cloud": '<path d="M7 15a4 4 0 1 1 1-7.900A5 5 0 0 1 18 9a3 3 0 0 1 0 6z"/><path d="M9 18l-1 3M13 18l-1 3"/>',
    "bolt": '<path d="M13 2L5 13h6l-1 9 8-12h-6z"/>',
    "stranger": '<circle cx="12" cy="8" r="4" stroke-dasharray="2 2"/><path d="M4 21c0-4.500 3.500-7 8-7s8 2.500 8 7" stroke-dasharray="3 2"/>',
    "camera": '<rect x="3" y="7" width="18" height="13" rx="2"/><circle cx="12" cy="13" r="3.500"/><path d="M8 7l1.500-3h5L16 7"/>',
    "lock": '<rect x="5" y="11" width="14" height="10" rx="2"/><path d="M8 11V8a4 4 0 0 1 8 0v3"/>',
    "house": '<path d="M3 12l9-8 9 8M6 10v10h12V10"/>',
    "heart": '<path d="M12 20C5 15 3 12 3 8.500A4.500 4.500 0 0 1 12 7a4.500 4.500 0 0 1 9 1.500C21 12 19 15 12 20z"/>',
    "cover": '<path d="M3 3l18 18M2 12c2-3.500 4.500-5.500 7-6.500M22 12c-3 5-6.500 7-10 7-1.500 0-3-.3-4.300-1"/>',
    "flame": '<path d="M12 22c-4 0-6.500-2.700-6.500-6.500C5.500 11 10 9 10 3c4 2 8.500 7 8.500 12.500 0 3.800-2.500 6.500-6.500 6.500z"/>',
    "coin": '<circle cx="12" cy="12" r="9.500"/><path d="M15 8.500c-3-2-6 0-6 3.500s3 5.500 6 3.500M7 11h5M7 13.500h5"/>',
    "receipt": '<path d="M6 2h12v20l-3-2-3 2-3-2-3 2z"/><path d="M9 8h6M9 12h6"/>',
    "letter": '<rect x="2.500" y="5" width="19" height="14" rx="2"/><path d="M3 7l9 6 9-6"/>',
    "bell": '<path d="M6 16V11a6 6 0 0 1 12 0v5l2 2H4zM10 21h4"/>',
    "cross": '<path d="M5 5l14 14M19 5L5 19"/>',
    "phone": '<path d="M5 3h4l2 5-2.500 2a12 12 0 0 0 5.500 5.500l2-2.500 5 2v4c0 1-1 2-2 2C10 21 3 14 3 5c0-1 1-2 2-2z"/>',
    "back": '<path d="M15 5l-7 7 7 7"/>',
    "sound": '<path d="M4 9v6h4l5 4V5L8 9zM16 9c1.500 1.500 1.500 4.500 0 6M18.500 6.500c3 3 3 8 0 11"/>',
    "age-9": _AGE.format("≤9"),
    "age-12": _AGE.format("12"),
    "age-15": _AGE.format("15"),
    "age-17": _AGE.format("17"),
    "age-18": _AGE.format("18"),
}


@register.simple_tag
def icon(name: str) -> SafeString:
    """An icon; KeyError for a name that does not exist, so that a page is never without one."""
    return mark_safe(  # noqa: S308  (constants of this file)
        f'<svg class="icon" viewBox="0 0 24 24" width="28" height="28" aria-hidden="true" focusable="false">{ICONS[name]}</svg>'
    )
