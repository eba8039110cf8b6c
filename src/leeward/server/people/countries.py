"""Countries to choose from, each by its own name: the EU, the EEA, and neighbours whose helplines are known."""

COUNTRIES: tuple[tuple[str, str], ...] = (
    ("AT", "Österreich"), ("BE", "België · Belgique"), ("BG", "България"), ("CH", "Schweiz · Suisse · Svizzera"), ("CY", "Κύπρος"),
    ("CZ", "Česko"), ("DE", "Deutschland"), ("DK", "Danmark"), ("EE", "Eesti"), ("ES", "España"), ("FI", "Suomi"), ("FR", "France"),
    ("GB", "United Kingdom"), ("GR", "Ελλάδα"), ("HR", "Hrvatska"), ("HU", "Magyarország"), ("IE", "Éire · Ireland"), ("IS", "Ísland"),
    ("IT", "Italia"), ("LI", "Liechtenstein"), ("LT", "Lietuva"), ("LU", "Lëtzebuerg"), ("LV", "Latvija"), ("MT", "Malta"),
    ("NL", "Nederland"), ("NO", "Norge"), ("PL", "Polska"), ("PT", "Portugal"), ("RO", "România"), ("SE", "Sverige"), ("SI", "Slovenija"),
    ("SK", "Slovensko"),
)  # fmt: skip
CODES = frozenset(code for code, _ in COUNTRIES)
_OF_LANGUAGE = {"de": "DE", "fr": "FR", "es": "ES", "it": "IT", "nl": "NL", "pl": "PL"}


def guess(accept_language: str, language: str) -> str:
    """The likeliest country from what the browser says, '' where it says nothing."""
    for part in accept_language.split(","):
        region = part.split(";")[0].strip().partition("-")[2].upper()
        if region in CODES:
            return region
    return _OF_LANGUAGE.get(language, "")
