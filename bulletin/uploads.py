"""An uploaded file becomes a picture of our own making, or is refused with a sentence.

The file's name and declared type are never read: Pillow decides what it is. Nothing of the
file survives but its pixels, so neither a script nor the place of a photo can be published.
"""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from typing import IO, Any, Final

from django.utils.translation import gettext as _
from PIL import Image, ImageCms, ImageOps

# Above any phone's camera; decoded it takes 240 MB at most.
MAX_PIXELS: Final = 60_000_000
# CSS pixels of the widest column, at twice the density and then some.
MAX_SIDE: Final = 2400
DIGEST: Final = 32
# What Pillow found it to be -> what it is stored as. MPO is a JPEG with more pictures behind it.
OUTPUT: Final = {"PNG": "PNG", "GIF": "PNG", "JPEG": "JPEG", "MPO": "JPEG", "WEBP": "WEBP"}
EXTENSIONS: Final = {"PNG": "png", "JPEG": "jpg", "WEBP": "webp"}
QUALITY: Final[dict[str, dict[str, Any]]] = {
    "PNG": {},
    "JPEG": {"quality": 85, "progressive": True},
    "WEBP": {"quality": 85},
}


class UploadError(ValueError):
    """Why a file can't be taken, in a sentence for the editor."""


@dataclass(frozen=True, slots=True)
class Picture:
    """An encoded picture; its size is in pixels."""

    data: bytes
    extension: str
    width: int
    height: int

    @property
    def name(self) -> str:
        """The same content has the same name, which includes the size."""
        digest = hashlib.sha256(self.data).hexdigest()[:DIGEST]
        return f"{digest}-{self.width}x{self.height}.{self.extension}"


def read_picture(file: IO[bytes]) -> Picture:
    """The first frame of `file`, upright, in sRGB, MAX_SIDE long at most; UploadError otherwise."""
    try:
        return _encode(*_decode(file))
    except UploadError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_large() from error
    except Exception as error:  # a decoder on broken input raises whatever it likes
        raise UploadError(
            _("This is no picture we can read; a PNG, JPEG, WebP or GIF file is needed.")
        ) from error


def _too_large() -> UploadError:
    megapixels = MAX_PIXELS // 1_000_000
    return UploadError(_("This picture has more than %d megapixels.") % megapixels)


def _decode(file: IO[bytes]) -> tuple[Image.Image, str]:
    image = Image.open(file, formats=["PNG", "JPEG", "WEBP", "GIF"])
    # So far only the header has been read.
    if image.width * image.height > MAX_PIXELS:
        raise _too_large()
    output = OUTPUT[str(image.format)]
    # A JPEG can be decoded at a half or a quarter of its size, which spares memory.
    image.draft(None, (MAX_SIDE, MAX_SIDE))
    image.load()
    ImageOps.exif_transpose(image, in_place=True)
    return image, output


def _encode(image: Image.Image, output: str) -> Picture:
    image = _in_srgb(image)
    image.thumbnail((MAX_SIDE, MAX_SIDE), Image.Resampling.LANCZOS)
    # Savers take comments, profiles and more from here.
    image.info.clear()
    buffer = io.BytesIO()
    image.save(buffer, output, **QUALITY[output])
    return Picture(buffer.getvalue(), EXTENSIONS[output], image.width, image.height)


def _in_srgb(image: Image.Image) -> Image.Image:
    mode = "RGBA" if image.has_transparency_data else "RGB"
    if image.mode == "I;16":
        # Conversion cuts 16 bits off at white, so they are brought down to 8 first.
        image = image.point(lambda value: value / 256)
    profile = image.info.get("icc_profile")
    if not profile or image.mode not in {"RGB", "RGBA", "CMYK"}:
        return image.convert(mode)
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        converted = ImageCms.profileToProfile(
            image, source, ImageCms.createProfile("sRGB"), outputMode=mode
        )
    except (ImageCms.PyCMSError, OSError, ValueError):  # as good as none
        return image.convert(mode)
    return converted or image
