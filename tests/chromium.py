"""A real Chromium, offline, for the tests of pages."""

import os
import shutil
from collections.abc import Iterator
from importlib import resources

import pytest

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_SCRIPTS = ("equation", "air", "verdicts", "scenario")


@pytest.fixture(scope="session")
def browser() -> Iterator[object]:
    """A headless Chromium; where there is none tests are left out, and fail where EMIS_BROWSER says there must be."""
    path = next((found for name in _NAMES if (found := shutil.which(name))), None)
    if path is None:
        if os.environ.get("EMIS_BROWSER"):
            pytest.fail("no Chromium is installed: apt install chromium")
        pytest.skip("no Chromium is installed: apt install chromium")
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        yield chromium
        chromium.close()


class Watched:
    """A page that has no network, and what it complained of."""

    def __init__(self, page: object):
        self.page, self.complaints = page, []
        page.on(
            "console", lambda said: self.complaints.append(said.text) if said.type in ("error", "warning") else None
        )
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", self._asked)

    def _asked(self, request: object) -> None:
        if not request.url.startswith(("file:", "data:", "blob:", "about:")):
            self.complaints.append(f"asks the network for {request.url}")


@pytest.fixture
def watched(browser: object) -> Iterator[Watched]:
    """An empty page in a context without network."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True)
    context.set_offline(True)
    yield Watched(context.new_page())
    context.close()


@pytest.fixture(scope="session")
def engine(browser: object) -> Iterator[object]:
    """A blank page that holds the equation alone: `emis.evaluate` and what it needs."""
    page = browser.new_page()
    scripts = [resources.files("emis.report").joinpath("page", f"{name}.js").read_text("utf-8") for name in _SCRIPTS]
    page.set_content("<!DOCTYPE html><title>equation</title>")
    page.add_script_tag(content="\n".join(scripts) + "\nwindow.emis = emis;")
    yield page
    page.close()
