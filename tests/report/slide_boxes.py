"""Where the words of a slide come to lie, reckoned with a font of this machine; and a drawing."""

from __future__ import annotations

import io
from dataclasses import dataclass

from matplotlib import font_manager
from PIL import Image, ImageDraw, ImageFont

from crimeloc.plotting import fonts

INCH = 914_400
DOTS = 72  # per inch: a point is a dot


@dataclass
class Box:
    """A rectangle in points that something on a slide fills; `room` is what it was given."""

    kind: str
    left: float
    top: float
    right: float
    bottom: float
    room: float
    lines: list[tuple[float, float, float, str]]  # x, y, size, words
    picture: bytes | None = None


def letters(size):
    path = font_manager.findfont(fonts.font()[0][0])
    return ImageFont.truetype(path, round(10 * size))


def wrap(text, size, width):
    font, lines = letters(size), [""]
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and font.getlength(longer) / 10 > width:
            lines.append(word)
        else:
            lines[-1] = longer
        while font.getlength(lines[-1]) / 10 > width and len(lines[-1]) > 1:
            cut = len(lines[-1])
            while font.getlength(lines[-1][:cut]) / 10 > width and cut > 1:
                cut -= 1
            lines[-1:] = [lines[-1][:cut], lines[-1][cut:]]
    return lines


def flow(frame, left, top, width):
    """Give the lines of a text frame and the height where they end."""
    y, lines, widest = top + 3.6, [], 0.0
    for part in frame.paragraphs:
        size = max((run.font.size.pt for run in part.runs if run.font.size), default=12)
        for line in wrap(part.text, size, width - 14.4):
            lines.append((left + 7.2, y, size, line))
            widest = max(widest, letters(size).getlength(line) / 10)
            y += 1.2 * size
        y += part.space_after.pt if part.space_after else 0
    return lines, y + 3.6, widest + 14.4


def boxes(slide):
    """Give what stands on a slide, and how much room its words really take."""
    found = []
    for shape in slide.shapes:
        left, top = shape.left / INCH * DOTS, shape.top / INCH * DOTS
        wide, high = shape.width / INCH * DOTS, shape.height / INCH * DOTS
        if shape.has_table:
            grid, y, lines = shape.table, top, []
            for row in grid.rows:
                x, tall = left, row.height / INCH * DOTS
                for cell, column in zip(row.cells, grid.columns, strict=True):
                    width = column.width / INCH * DOTS
                    put, end, _ = flow(cell.text_frame, x, y, width)
                    lines += put
                    tall = max(tall, end - y)
                    x += width
                y += tall
            found.append(Box("table", left, top, left + wide, y, top + high, lines))
        elif shape.shape_type == 13:
            found.append(
                Box("picture", left, top, left + wide, top + high, top + high, [], shape.image.blob)
            )
        elif shape.has_text_frame and shape.text_frame.text.strip():
            lines, end, widest = flow(shape.text_frame, left, top, wide)
            right = left + (wide if len(lines) > 1 else min(widest, wide))
            found.append(Box("text", left, top, right, end, top + high, lines))
    return found


def draw(slide, wide=960, high=540):
    """Give a picture of the slide: enough to see what lies where."""
    image = Image.new("RGB", (wide, high), "white")
    pen = ImageDraw.Draw(image)
    for box in boxes(slide):
        edge = (box.left, box.top, box.right, box.bottom)
        if box.picture:
            part = Image.open(io.BytesIO(box.picture)).convert("RGB")
            size = (round(box.right - box.left), round(box.bottom - box.top))
            image.paste(part.resize(size), (round(box.left), round(box.top)))
        else:
            pen.rectangle(edge, outline="#c8d0d8")
        for x, y, size, text in box.lines:
            pen.text((x, y), text, fill="#1b1f24", font=letters(size / 10))
    return image
