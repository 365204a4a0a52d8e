"""The command line: `crimeloc demo`, `brief`, `backtest`, `check`.

Exit codes: 0 done; 1 the input or an argument cannot be used, said in a line; 2 the command was
typed wrongly; 70 crimeloc itself failed; 130 interrupted.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from crimeloc.cli.language import flags, language, speak, tell, translator
from crimeloc.errors import CrimelocError
from crimeloc.messages import languages
from crimeloc.provenance import VERSION

__all__ = ["main"]

DONE, REFUSED, FAILED, INTERRUPTED = 0, 1, 70, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Parameters
    ----------
    arguments : sequence of str, optional
        The words after ``crimeloc``; by default those of the process.

    Returns
    -------
    int
        The exit code.

    Examples
    --------
    >>> main(["brief", "no-such-file.csv", "venues.csv", "--tz", "Asia/Seoul", "--out", "b.html"])
    1
    """
    _speak_unicode()
    typed = sys.argv[1:] if arguments is None else arguments
    speak(language(typed, os.environ))
    options = _parser().parse_args(typed)
    try:
        from crimeloc.cli import commands

        run = getattr(commands, options.command)
        run(options)
    except CrimelocError as error:
        return _say(error.text(translator().lang, flags(vars(options))))
    except BrokenPipeError:  # the reader of a pipe, such as `head`, went away
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except OSError as error:
        name = error.filename or ""
        return _say(f"{name}: {error.strerror or error}".lstrip(": "))
    except KeyboardInterrupt:
        _say(tell("interrupted"))
        return INTERRUPTED
    except Exception as error:  # the last net: a person sees a line, a developer asks for more
        if os.environ.get("CRIMELOC_DEBUG"):
            raise
        fault = f"{type(error).__name__}: {_first_line(error)}"
        _say(
            tell(
                "internal error ({fault}); this is a fault of crimeloc."
                " CRIMELOC_DEBUG=1 shows where",
                fault=fault,
            )
        )
        return FAILED
    return DONE


def _say(text: str) -> int:
    print(f"crimeloc: {text}", file=sys.stderr)
    return REFUSED


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [""])[0]


def _speak_unicode() -> None:
    """Korean text must not stop a terminal that speaks another encoding."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="crimeloc",
        description=tell("From upload logs to places and hours to look at."),
    )
    parser.add_argument("--version", action="version", version=f"crimeloc {VERSION}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    demo = commands.add_parser(
        "demo", help=tell("the main job on a made-up case"), allow_abbrev=False
    )
    demo.add_argument("--data", type=Path, metavar="DIR", help=tell("folder of the made-up case"))
    demo.add_argument("--out", type=Path, default=Path("briefing.html"), metavar="FILE")
    _language(demo)

    brief = commands.add_parser(
        "brief", help=tell("rank venues and windows, write a briefing page"), allow_abbrev=False
    )
    _files(brief)
    brief.add_argument(
        "--at",
        metavar="T",
        help=tell("moment of the forecast with its zone; default: after the last event"),
    )
    _forecast(brief)
    brief.add_argument(
        "--series", metavar="ID", help=tell("default: the series with the most events")
    )
    brief.add_argument(
        "--districts", type=Path, metavar="F", help=tell("outlines to draw below the map (GeoJSON)")
    )
    brief.add_argument(
        "--level",
        choices=["analyst", "briefing", "disclosure"],
        default="briefing",
        help=tell("who reads it: everything, pseudonyms (default), or no single upload"),
    )
    brief.add_argument(
        "--key-file",
        type=Path,
        metavar="F",
        help=tell("file with the secret for lasting pseudonyms; or the variable CRIMELOC_KEY"),
    )
    brief.add_argument(
        "--export",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help=tell(
            "write it in another form, too (.pdf .pptx .png .xlsx .csv .gpkg .geojson .kml "
            ".i2.csv .jsonld .jsonl); can be repeated"
        ),
    )
    brief.add_argument(
        "--out", type=Path, required=True, metavar="FILE", help=tell("page to write")
    )
    _language(brief)

    backtest = commands.add_parser(
        "backtest", help=tell("would it have worked last month?"), allow_abbrev=False
    )
    _files(backtest)
    backtest.add_argument(
        "--start", required=True, metavar="T", help=tell("first moment, with its zone")
    )
    backtest.add_argument("--every", default="7D", help=tell("from one forecast to the next (7D)"))
    _forecast(backtest)
    _language(backtest)

    check = commands.add_parser(
        "check", help=tell("what would be rejected in a file, and why"), allow_abbrev=False
    )
    check.add_argument("file", type=Path, metavar="FILE")
    check.add_argument("--tz", help=tell("zone of times written without one, e.g. Asia/Seoul"))
    _register(check)
    check.add_argument(
        "--districts",
        type=Path,
        metavar="F",
        help=tell("boundaries: do venues lie where they say?"),
    )
    _language(check)
    _column(check, tell("which column plays which part, e.g. timestamp=기록시점; can be repeated"))
    check.add_argument(
        "--kind",
        choices=["events", "venues", "leases"],
        help=tell("default: seen from the columns"),
    )
    return parser


def _files(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("events", type=Path, metavar="EVENTS")
    parser.add_argument("venues", type=Path, metavar="VENUES")
    parser.add_argument(
        "--leases", type=Path, metavar="F", help=tell("which venue had which address, when")
    )
    parser.add_argument(
        "--city-db",
        type=Path,
        metavar="F",
        help=tell("city database (.mmdb) where no lease is known"),
    )
    parser.add_argument(
        "--proxy-networks",
        type=Path,
        metavar="F",
        help=tell("proxies, VPN, hosting, mobile (.mmdb or table)"),
    )
    parser.add_argument(
        "--skew",
        metavar="T",
        help=tell("how far the clocks of log and leases may differ, e.g. 2min"),
    )
    _column(
        parser,
        tell(
            "which column of the uploads plays which part, e.g. timestamp=기록시점; "
            "venues.PART=NAME and leases.PART=NAME for the other files; can be repeated"
        ),
    )
    _register(parser)
    parser.add_argument(
        "--tz",
        required=True,
        metavar="TZ",
        help=tell("zone of the clocks at the venues, e.g. Asia/Seoul"),
    )
    for name, words in (
        (
            "uploads",
            tell("zone of times written without one in the uploads, e.g. UTC; default: --tz"),
        ),
        (
            "leases",
            tell("zone of times written without one in the leases, e.g. UTC; default: --tz"),
        ),
    ):
        parser.add_argument(f"--{name}-tz", metavar="TZ", help=words)


def _register(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--crs", help=tell("coordinate system of the venues, e.g. EPSG:5174"))


def _column(parser: argparse.ArgumentParser, words: str) -> None:
    parser.add_argument("--column", action="append", default=[], metavar="PART=NAME", help=words)


def _forecast(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--horizon", default="7D", help=tell("how far to look ahead (7D)"))
    parser.add_argument("--window", default="4h", help=tell("length of a window (4h)"))


def _language(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--lang",
        choices=languages(),
        default=translator().lang,
        help=tell("language of the terminal and the page; default: that of the locale"),
    )
