"""A file becomes a picture of our own making, or is refused with a sentence."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms, ImageFile, PngImagePlugin

from bulletin.uploads import MAX_PIXELS, Picture, UploadError, read_picture

RED, BLUE = (220, 20, 20), (20, 20, 220)
ORIENTATION, GPS, MAKE = 0x0112, 0x8825, 0x010F


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def two_colours(mode: str = "RGB", size: tuple[int, int] = (40, 20)) -> Image.Image:
    """Red on the left, blue on the right."""
    image = Image.new("RGB", size, RED)
    image.paste(BLUE, (size[0] // 2, 0, *size))
    return image.convert(mode)


def read(data: bytes) -> Picture:
    return read_picture(io.BytesIO(data))


def opened(picture: Picture) -> Image.Image:
    image = Image.open(io.BytesIO(picture.data))
    image.load()
    return image


def near(pixel: Any, colour: tuple[int, int, int]) -> bool:
    return all(abs(a - b) < 40 for a, b in zip(pixel, colour, strict=False))


def png_header(width: int, height: int) -> bytes:
    """A PNG that claims a size and holds next to nothing."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        )

    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    body = zlib.compress(bytes(20_000))
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    ("kind", "stored", "extension"),
    [
        ("PNG", "PNG", "png"),
        ("GIF", "PNG", "png"),
        ("JPEG", "JPEG", "jpg"),
        ("WEBP", "WEBP", "webp"),
    ],
)
def test_each_format_that_is_taken(kind: str, stored: str, extension: str) -> None:
    picture = read(encoded(two_colours(), kind))
    image = opened(picture)
    assert (image.format, picture.extension) == (stored, extension)
    assert (picture.width, picture.height) == image.size == (40, 20)
    assert near(image.getpixel((2, 10)), RED)
    assert near(image.getpixel((37, 10)), BLUE)


def test_the_same_picture_has_the_same_name_which_tells_its_size() -> None:
    one, again, other = (
        read(encoded(two_colours(size=s), "PNG")) for s in [(40, 20)] * 2 + [(8, 8)]
    )
    assert one.name == again.name != other.name
    assert one.name.endswith("-40x20.png")


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photo_comes_out_upright(orientation: int) -> None:
    turns = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    held = two_colours(size=(64, 32))
    if orientation in turns:
        held = held.transpose(turns[orientation])
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    image = opened(read(encoded(held, "JPEG", exif=exif)))
    assert image.size == (64, 32)
    assert near(image.getpixel((4, 16)), RED)
    assert near(image.getpixel((60, 16)), BLUE)


def test_nothing_but_pixels_survives() -> None:
    exif = Image.Exif()
    exif[MAKE] = "SECRET"
    exif[GPS] = {1: "N", 2: (48.0, 51.0, 30.0)}
    text = PngImagePlugin.PngInfo()
    text.add_text("Comment", "SECRET")
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    options: dict[str, dict[str, Any]] = {
        "JPEG": {"comment": "SECRET", "dpi": (300, 300)},
        "PNG": {"pnginfo": text, "dpi": (300, 300)},
        "WEBP": {"xmp": b"SECRET"},
    }
    for kind, extra in options.items():
        data = encoded(two_colours(), kind, exif=exif, icc_profile=profile, **extra)
        assert b"SECRET" in data
        picture = read(data + b"SECRET")
        image = opened(picture)
        assert b"SECRET" not in picture.data
        assert not image.getexif()
        assert not {"icc_profile", "comment", "exif", "xmp", "Comment", "dpi"} & {
            name for name in image.info if image.info[name] != (1, 1)
        }


def test_colours_of_another_profile_are_brought_to_srgb() -> None:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    data = encoded(two_colours(), "PNG", icc_profile=lab)
    assert opened(read(data)).mode == "RGB"
    broken = encoded(two_colours(), "PNG", icc_profile=b"no profile at all")
    assert near(opened(read(broken)).getpixel((2, 10)), RED)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_every_kind_of_png(mode: str) -> None:
    image = Image.new(mode, (10, 10)) if mode == "I;16" else two_colours(mode)
    assert opened(read(encoded(image, "PNG"))).mode == ("RGBA" if "A" in mode else "RGB")


def test_sixteen_bits_of_grey_keep_their_shades() -> None:
    image = Image.new("I;16", (2, 1))
    image.putpixel((1, 0), 0x8000)
    stored = opened(read(encoded(image, "PNG")))
    assert [stored.getpixel((x, 0)) for x in range(2)] == [(0, 0, 0), (128, 128, 128)]


def test_a_print_jpeg_becomes_one_for_screens() -> None:
    assert opened(read(encoded(two_colours("CMYK"), "JPEG"))).mode == "RGB"


def test_transparency_is_kept() -> None:
    image = Image.new("RGBA", (10, 10), (0, 0, 0, 0))
    assert opened(read(encoded(image, "PNG"))).getpixel((5, 5)) == (0, 0, 0, 0)
    assert opened(read(encoded(image, "GIF"))).getpixel((5, 5))[3] == 0  # type: ignore[index]


def test_only_the_first_frame_of_an_animation_is_kept() -> None:
    frames = [Image.new("RGB", (10, 10), colour) for colour in (RED, BLUE)]
    for kind in ("GIF", "WEBP", "PNG"):
        data = encoded(frames[0], kind, save_all=True, append_images=frames[1:])
        image = opened(read(data))
        assert getattr(image, "n_frames", 1) == 1
        assert near(image.convert("RGB").getpixel((5, 5)), RED)


@pytest.mark.parametrize(
    ("size", "stored"),
    [
        ((2400, 10), (2400, 10)),
        ((2401, 10), (2400, 10)),
        ((3000, 6000), (1200, 2400)),
        ((30000, 1), (2400, 1)),
    ],
)
def test_a_large_picture_is_brought_down_to_2400_pixels(
    size: tuple[int, int], stored: tuple[int, int]
) -> None:
    picture = read(encoded(Image.new("L", size), "PNG"))
    assert (picture.width, picture.height) == stored


@pytest.mark.parametrize(
    "size", [(50_000, 50_000), (10_000, 10_000), (2**31 - 1, 2**31 - 1), (MAX_PIXELS + 1, 1)]
)
def test_too_many_pixels_are_refused_before_one_is_decoded(
    size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    loads: list[object] = []
    for kind in (Image.Image, ImageFile.ImageFile, PngImagePlugin.PngImageFile):
        monkeypatch.setattr(kind, "load", lambda self, *_: loads.append(self))
    with pytest.raises(UploadError, match="60 megapixels"):
        read(png_header(*size))
    assert not loads


PHOTO = encoded(two_colours(size=(300, 200)), "JPEG")
NO_PICTURES = {
    "nothing": b"",
    "html": b"<!doctype html><script>alert(1)</script>",
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    "text": b"hello",
    "cut jpeg": PHOTO[: len(PHOTO) // 2],
    "cut png": encoded(two_colours(size=(300, 200)), "PNG")[:-60],
    "cut webp": encoded(two_colours(size=(300, 200)), "WEBP")[:-60],
    "magic alone": b"\x89PNG\r\n\x1a\n",
    "html behind a magic": b"GIF89a<script>alert(1)</script>",
    "no pixels": png_header(0, 0),
    "too few pixels": png_header(5000, 5000),
    "bitmap": encoded(two_colours(), "BMP"),
    "tiff": encoded(two_colours(), "TIFF"),
    "pdf": encoded(two_colours(), "PDF"),
    "postscript": encoded(two_colours(), "EPS"),
}


@pytest.mark.parametrize("name", NO_PICTURES)
def test_what_is_no_picture_is_refused(name: str) -> None:
    with pytest.raises(UploadError, match="PNG, JPEG, WebP or GIF"):
        read(NO_PICTURES[name])


SEEDS = [encoded(two_colours(), kind) for kind in ("PNG", "GIF", "JPEG", "WEBP")]


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(SEEDS), st.lists(st.tuples(st.integers(0, 400), st.binary(max_size=4))))
def test_a_damaged_file_is_read_or_refused(data: bytes, wounds: list[tuple[int, bytes]]) -> None:
    damaged = bytearray(data)
    for place, replacement in wounds:
        damaged[place : place + len(replacement)] = replacement
    try:
        picture = read(bytes(damaged))
    except UploadError:
        return
    assert opened(picture).size == (picture.width, picture.height)
