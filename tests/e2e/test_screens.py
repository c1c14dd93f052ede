"""Every screen, full, empty and failing: nothing for axe to find, and everything within reach of the keyboard."""

from collections.abc import Iterator
from typing import Literal

import pytest
from playwright.sync_api import Browser

from tests.e2e.axe import Look, start_looking, violations
from tests.e2e.browser import SMALL_WINDOW
from tests.e2e.conftest import World
from tests.e2e.screens import BUILT_WITHOUT, REDIRECTS, SCREENS, Screen, routes_of
from tests.e2e.stage import NOTHING, SIZES, STATES, Stage, State, Theatre, theatre
from tests.e2e.walking import walk

Found = list[str]
Views = list[tuple[State, Stage]]
LOOKS: list[tuple[Literal["light", "dark"], Look]] = [("dark", "colours"), ("light", "colours"), ("light", "structure")]


@pytest.fixture(scope="module")
def house(world: World, chromium: Browser) -> Iterator[Theatre]:
    """The pages on which all screens are shown."""
    with theatre(world, chromium) as found:
        yield found


def test_every_route_is_looked_at() -> None:
    for app in ("customer", "staff", "admin"):
        known = {screen.route for screen in SCREENS if screen.app == app}
        left_out = {route for of, route in REDIRECTS | BUILT_WITHOUT if of == app}
        assert routes_of(app) <= known | left_out


@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.name)
def test_screen(house: Theatre, screen: Screen) -> None:
    views = _open(house, screen)
    found: Found = []
    for size in SIZES:
        for _, stage in views:
            stage.resize(size)
        for _, stage in views:
            stage.settle()
        where = f"at {size.width} px"
        found += [f"{where}, {each}" for each in _look(views)]
        for state, stage in views:
            if state == "full" or size == SMALL_WINDOW:
                # There is nothing to do about an address that does not exist.
                has_controls = screen.has_controls and state != "empty"
                found += [f"{where}, {state}: {each}" for each in _reach(stage, has_controls=has_controls)]
    for _, stage in views:
        stage.seat.watch.collect()
    assert not found, "\n".join(found)


def _open(house: Theatre, screen: Screen) -> Views:
    """Show the screen in all its states at once."""
    there = screen.path.format(**house.ids)
    gone = screen.path.format(**dict.fromkeys(house.ids, NOTHING))
    views: Views = []
    for state in STATES:
        # Who is not signed in sees the same in both, unless the address says what to show.
        if state == "empty" and there == gone and not screen.signed_in:
            continue
        stage = house.at(state, signed_in=screen.signed_in)
        stage.resize(SIZES[0])
        stage.go(gone if state == "empty" else there)
        views.append((state, stage))
    return views


def _look(views: Views) -> Found:
    """Let axe look at all pages, in both themes where the answer depends on it."""
    found: Found = []
    for scheme, what in LOOKS:
        for _, stage in views:
            stage.page.emulate_media(color_scheme=scheme)
            start_looking(stage.page, what)
        for state, stage in views:
            found += [f"{state}, {scheme}: {each}" for each in violations(stage.page)]
    return found


def _reach(stage: Stage, *, has_controls: bool = True) -> Found:
    walked = walk(stage.page)
    found = [f"not reached by keyboard: {each}" for each in walked.missed]
    found += [f"has no name: {each}" for each in walked.nameless]
    if has_controls and walked.reached == 0:
        found.append("nothing on this screen is reached by keyboard")
    return found


def test_the_walk_finds_what_no_key_reaches(house: Theatre) -> None:
    stage = house.at("full", signed_in=False)
    stage.go("/c/sign-in")
    stage.settle()
    assert _reach(stage) == []
    stage.page.evaluate(
        "() => { const trap = document.createElement('div'); trap.style.cssText = 'width:40px;height:40px';"
        " trap.addEventListener('click', () => undefined); document.querySelector('main').append(trap) }"
    )
    assert [each.partition(":")[0] for each in _reach(stage)] == ["not reached by keyboard", "has no name"]


def test_the_look_finds_what_nobody_can_read(house: Theatre) -> None:
    stage = house.at("full", signed_in=False)
    stage.go("/c/sign-in")
    stage.settle()
    views: Views = [("full", stage)]
    assert _look(views) == []
    stage.page.evaluate(
        "() => document.querySelector('main').insertAdjacentHTML('beforeend',"
        ' \'<p>plain</p><p>plain</p><div style="color: #888"><p>plain</p><p>plain</p></div>'
        '<p style="color: #777; background: #999">grey</p>\')'
    )
    found = _look(views)
    assert {each.partition(", ")[2].partition(":")[0] for each in found} == {"light", "dark"}
    assert any("plain" in each for each in found), "what inherits its colour is not what stands outside"
