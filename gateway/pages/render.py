"""Pages as HTML: one environment for each language, and the answer that carries a page."""

import gzip
from collections.abc import Hashable, Mapping
from gettext import NullTranslations
from typing import Any

import jinja2
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from gateway.pages.assets import Assets
from gateway.pages.languages import LANGUAGES, Manner, first_sentence
from gateway.pages.words import translations

POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "script-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Frame-Options": "DENY",
    # Not no-referrer: with that, browsers send forms with `Origin: null`.
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Vary": "Accept-Encoding, Cookie",
}
"""Sent with every page, beside those that every answer has."""
SMALLEST_COMPRESSED = 600
LEVEL = 6
MOST_KEPT = 4096
"""Parts of pages: a few megabytes."""


class Renderer:
    """Makes pages of templates, everything escaped that is put into them."""

    def __init__(self, assets: Assets, time_zone: str) -> None:
        self._kept: dict[tuple[str, str, Hashable], Markup] = {}
        self._words = {language: translations(language) for language in LANGUAGES}
        self._environments = {
            language: _environment(language, self._words[language], assets, time_zone)
            for language in LANGUAGES
        }

    def render(self, language: str, template: str, values: Mapping[str, Any]) -> str:
        """Return a page in a language."""
        return self._environments[language].get_template(template).render(values)

    def kept(self, language: str, template: str, key: Hashable, **values: Any) -> Markup:
        """Return a part of pages that is the same for everybody; made once for each key."""
        named = (language, template, key)
        part = self._kept.get(named)
        if part is None:
            if len(self._kept) >= MOST_KEPT:
                self._kept.clear()
            part = self._kept[named] = Markup(self.render(language, template, values))  # noqa: S704  a template escaped it
        return part

    def words(self, language: str, message: str) -> str:
        """Return words of the source in a language."""
        return self._words[language].gettext(message)


def _environment(
    language: str, words: NullTranslations, assets: Assets, time_zone: str
) -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("gateway.pages"),
        autoescape=True,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
        extensions=["jinja2.ext.i18n"],
    )
    environment.policies["ext.i18n.trimmed"] = True
    environment.install_gettext_translations(words, newstyle=True)  # type: ignore[attr-defined]  # the extension adds it
    manner = Manner.of(language, time_zone)
    environment.filters |= {
        "moment": manner.moment,
        "day": manner.day,
        "last_day": manner.last_day,
        "number": manner.number,
        "percent": manner.percent,
        "first_sentence": first_sentence,
        "local": lambda text: getattr(text, language) or text.ru or text.kk or text.en,
    }
    environment.globals |= {
        "language": language,
        "languages": LANGUAGES,
        "asset": assets.address,
        "here": lambda path: f"/{language}{path}",
    }
    return environment


def answer(
    request: Request, html: str, status: int = 200, *, headers: Mapping[str, str] | None = None
) -> Response:
    """Return a page as the answer, compressed for browsers that take it so."""
    body, more = html.encode(), {**HEADERS, **(headers or {})}
    takes = request.headers.get("accept-encoding", "")
    if "gzip" in takes and len(body) >= SMALLEST_COMPRESSED:
        body, more["Content-Encoding"] = gzip.compress(body, LEVEL, mtime=0), "gzip"
    return Response(body, status, headers=more, media_type="text/html")
