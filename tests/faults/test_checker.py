"""The checker of the fault rounds finds each kind of broken promise."""

import copy
from typing import Any

import pytest

from tests.faults.checker import find_differences, find_late, find_losses, find_steps_back
from tests.faults.load import Acked, Logs


def entry(seq: int, **fields: Any) -> dict[str, Any]:  # noqa: ANN401  an entry's fields
    body = {"kind": "text", "text": f"t{seq}"}
    common = {"seq": seq, "id": f"id{seq}", "kind": "text", "sender": "m:a", "client_id": f"c{seq}", "target_seq": None}
    return {**common, "body": body, **fields}


def stored() -> Logs:
    return {
        "talk": [
            entry(1),
            entry(2, body=None),
            entry(3, kind="recall", target_seq=2, body=None, client_id="c2-recall"),
            entry(4),
        ]
    }


ACKED = [Acked("talk", seq, f"id{seq}", f"c{seq}", f"t{seq}", 10.0) for seq in (1, 2, 4)]
RECALLED, SAID = {("talk", 2)}, ["c1", "c2", "c4"]


def test_a_whole_log_is_without_findings() -> None:
    assert find_losses(stored(), ACKED, RECALLED, SAID) == []
    assert find_differences("a", stored(), stored()) == []


@pytest.mark.parametrize(
    ("change", "finding"),
    [
        (lambda log: log.pop(), "c4 was acknowledged and is lost"),
        (lambda log: log.pop(0), "holes"),
        (lambda log: log.append(entry(5, client_id="c4")), "stored 2 times"),
        (lambda log: log.append(entry(5, client_id="c9")), "nobody said c9"),
        (lambda log: log[0].update(body={"kind": "text", "text": "other"}), "another text"),
        (lambda log: log[0].update(id="other"), "stored elsewhere"),
        (lambda log: log[0].update(body=None), "another text"),
        (lambda log: log[1].update(body={"kind": "text", "text": "t2"}), "its body is stored"),
        (lambda log: log[2].update(kind="text", client_id="c1"), "its recall was acknowledged and is lost"),
    ],
)
def test_each_loss_is_found(change: Any, finding: str) -> None:  # noqa: ANN401  a change of the log
    found = stored()
    change(found["talk"])
    assert any(finding in sentence for sentence in find_losses(found, ACKED, RECALLED, SAID))


@pytest.mark.parametrize(
    "change",
    [
        lambda log: log.pop(),
        lambda log: log.pop(1),
        lambda log: log.append(entry(5)),
        lambda log: log.reverse(),
        lambda log: log[1].update(body={"kind": "text", "text": "t2"}),
    ],
)
def test_each_difference_on_a_screen_is_found(change: Any) -> None:  # noqa: ANN401  a change of the log
    seen = copy.deepcopy(stored())
    change(seen["talk"])
    assert len(find_differences("a", seen, stored())) == 1
    assert find_differences("a", {}, stored()) == ["a does not see talk"]


def test_a_cursor_that_went_back_is_found() -> None:
    at = ("talk", "m:a")
    assert find_steps_back({at: 4}, {at: 4}, {at: 4}) == []
    assert find_steps_back({at: 5}, {}, {at: 4}) == ["m:a read talk up to 4, but 5 was acknowledged"]
    assert find_steps_back({}, {at: 5}, {at: 4}) == ["m:a read talk up to 4, but 5 was seen before"]
    assert len(find_steps_back({}, {at: 5}, {})) == 1


def test_what_comes_late_or_never_is_found() -> None:
    at = {("talk", 1): 10.5, ("talk", 2): 55.0, ("talk", 4): 10.1}
    assert find_late(ACKED, at, 30.0, 30.0) == ([], 45.0)
    assert find_late(ACKED, at, 20.0, 30.0)[0] == ["talk/2 arrived 35.0 s after the fault had healed"]
    del at["talk", 4]
    assert find_late(ACKED, at, 30.0, 30.0)[0] == ["talk/4 never arrived"]
