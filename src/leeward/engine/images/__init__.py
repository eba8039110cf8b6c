"""Pictures: fingerprints to match, and a score for sexual content. A picture is looked at in memory and never stored."""

from leeward.engine.images.fingerprint import ImageError, fingerprint
from leeward.engine.images.score import ImageModel

__all__ = ["ImageError", "ImageModel", "fingerprint"]
