#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Draws a terminal's screen, as `tmux capture-pane -e -p` prints it on standard input, as SVG.

Letters are text, each run stretched to its cells, so that any monospace font will do. Lines, blocks
and braille are shapes, which fonts draw with gaps, or not at all.

Usage: ansi-to-svg.py COLUMNS TITLE < screen > picture.svg
"""
import re
import sys
from xml.sax.saxutils import escape

WIDTH, HEIGHT, MARGIN = 9, 18, 10  # of a cell, and around the screen
BASELINE = 13.5
BACKGROUND, FOREGROUND = "#12161d", "#d7dce3"
# The 256-colour tones that x0top uses are chosen for any background; these are for this dark one.
TONES = {244: "#8d97a5", 28: "#63c174", 130: "#e5a54b", 160: "#f4695f", 30: "#4dbdc9", 27: "#5b9dff"}
BASIC = ["#4a5260", "#f4695f", "#63c174", "#e5a54b", "#5b9dff", "#c389e8", "#4dbdc9", "#d7dce3"]
PLAIN = (None, None, False, False, False)  # foreground, background, bold, dim, reverse

# Dots of a braille pattern by bit: column and row (Unicode 15.0, chapter 21.1).
DOTS = [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (0, 3), (1, 3)]
# Lines of a cell from its middle: left, right, up, down.
LINES = {"─": "lr", "│": "ud", "╭": "rd", "╮": "ld", "╰": "ru", "╯": "lu"}


def tone(number):
    """The colour of a number in the 256-colour palette."""
    if number in TONES:
        return TONES[number]
    if number < 16:
        return BASIC[number % 8]
    if number >= 232:
        return "#" + 3 * f"{8 + 10 * (number - 232):02x}"
    levels = [0, 95, 135, 175, 215, 255]
    number -= 16
    return "#" + "".join(f"{levels[number // d % 6]:02x}" for d in (36, 6, 1))


def select(style, codes):
    """The style after an SGR sequence (ECMA-48, 8.3.117)."""
    foreground, background, bold, dim, reverse = style
    codes = [int(code or 0) for code in codes.split(";")]
    while codes:
        code = codes.pop(0)
        if code == 0:
            foreground, background, bold, dim, reverse = PLAIN
        elif code in (38, 48) and codes[:1] == [5]:
            colour = tone(codes[1])
            del codes[:2]
            if code == 38:
                foreground = colour
            else:
                background = colour
        elif 30 <= code <= 37:
            foreground = BASIC[code - 30]
        elif 40 <= code <= 47:
            background = BASIC[code - 40]
        elif code == 39:
            foreground = None
        elif code == 49:
            background = None
        else:
            bold = code == 1 or (bold and code != 22)
            dim = code == 2 or (dim and code != 22)
            reverse = code == 7 or (reverse and code != 27)
    return foreground, background, bold, dim, reverse


def read_cells(text, columns):
    """A list of (character, style) for each line."""
    rows, style = [], PLAIN
    for line in text.split("\n")[: text.count("\n")]:
        cells = []
        for codes, character in re.findall(r"\x1b\[([\d;]*)m|([^\x1b])", line):
            if character:
                cells.append((character, style))
            else:
                style = select(style, codes)
        rows.append(cells[:columns] + [(" ", PLAIN)] * (columns - len(cells)))
    return rows


def ink(style):
    """The colours of a cell: of what is on it, and of itself."""
    foreground, background, _, _, reverse = style
    colours = (foreground or FOREGROUND, background or BACKGROUND)
    return colours[::-1] if reverse else colours


def number(value):
    return f"{value:.2f}".rstrip("0").rstrip(".")


class Picture:
    def __init__(self):
        self.shapes = {}  # path data by colour
        self.dots = {}  # braille dots by colour
        self.texts = []

    def rectangle(self, colour, x, y, width, height):
        self.shapes.setdefault(colour, []).append(
            f"M{number(x)} {number(y)}h{number(width)}v{number(height)}h{number(-width)}z"
        )

    def shape(self, character, colour, column, row):
        """Draws a character that is no letter; returns whether it is one."""
        x, y, code = column * WIDTH, row * HEIGHT, ord(character)
        if 0x2800 <= code < 0x2900:
            for bit, (across, down) in enumerate(DOTS):
                if code >> bit & 1:
                    self.dots.setdefault(colour, set()).add((2 * column + across, 4 * row + down))
        elif 0x2581 <= code <= 0x2588:
            height = HEIGHT * (code - 0x2580) / 8
            self.rectangle(colour, x, y + HEIGHT - height, WIDTH, height)
        elif 0x2589 <= code <= 0x258F:
            self.rectangle(colour, x, y, WIDTH * (0x2590 - code) / 8, HEIGHT)
        elif character in LINES:
            middle_x, middle_y = x + WIDTH / 2 - 0.5, y + HEIGHT / 2 - 0.5
            for way in LINES[character]:
                if way in "lr":
                    self.rectangle(colour, x if way == "l" else middle_x, middle_y, WIDTH / 2 + 0.5, 1)
                else:
                    self.rectangle(colour, middle_x, y if way == "u" else middle_y, 1, HEIGHT / 2 + 0.5)
        else:
            return False
        return True

    def draw_dots(self):
        """Dots above each other become one bar."""
        for colour, dots in self.dots.items():
            for across, down in sorted(dots):
                if (across, down - 1) in dots:
                    continue
                end = down
                while (across, end) in dots:
                    end += 1
                self.rectangle(colour, across * WIDTH / 2 + 0.5, down * HEIGHT / 4,
                               WIDTH / 2 - 1, (end - down) * HEIGHT / 4)

    def text(self, characters, style, column, row):
        _, _, bold, dim, _ = style
        attributes = ' class="b"' if bold else ""
        attributes += ' opacity=".65"' if dim else ""
        self.texts.append(
            f'<text x="{column * WIDTH}" y="{number(row * HEIGHT + BASELINE)}" fill="{ink(style)[0]}"'
            f'{attributes} textLength="{len(characters) * WIDTH}">{escape(characters)}</text>'
        )

    def row(self, cells, row):
        column = 0
        while column < len(cells):
            character, style = cells[column]
            end = column + 1
            while end < len(cells) and cells[end][1] == style:
                end += 1
            if ink(style)[1] != BACKGROUND:
                self.rectangle(ink(style)[1], column * WIDTH, row * HEIGHT, (end - column) * WIDTH, HEIGHT)
            self.run("".join(c for c, _ in cells[column:end]), style, column, row)
            column = end

    def run(self, characters, style, column, row):
        """Words, and single characters that fonts may have in another width."""
        for match in re.finditer(r"[!-~]+(?: [!-~]+)*|[^ -~]", characters):
            if not self.shape(match[0][0], ink(style)[0], column + match.start(), row):
                self.text(match[0], style, column + match.start(), row)


def main():
    columns, title = int(sys.argv[1]), sys.argv[2]
    rows = read_cells(sys.stdin.read(), columns)
    picture = Picture()
    for row, cells in enumerate(rows):
        picture.row(cells, row)
    picture.draw_dots()
    width, height = columns * WIDTH + 2 * MARGIN, len(rows) * HEIGHT + 2 * MARGIN
    print(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{-MARGIN} {-MARGIN} {width} {height}" '
          f'width="{width}" height="{height}" font-size="15" '
          'font-family="ui-monospace,\'DejaVu Sans Mono\',Menlo,Consolas,monospace">')
    print(f"<title>{escape(title)}</title><style>.b{{font-weight:bold}}</style>")
    print(f'<rect x="{-MARGIN}" y="{-MARGIN}" width="{width}" height="{height}" rx="8" fill="{BACKGROUND}"/>')
    for colour, parts in picture.shapes.items():
        print(f'<path fill="{colour}" d="{"".join(parts)}"/>')
    print("\n".join(picture.texts))
    print("</svg>")


if __name__ == "__main__":
    main()
