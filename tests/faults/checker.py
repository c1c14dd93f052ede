"""What must hold whatever broke: every violation is a sentence, none is the promise kept."""

from collections import Counter
from collections.abc import Collection, Mapping

from tests.faults.load import Acked, Logs


def find_losses(
    stored: Logs,
    acked: Collection[Acked],
    recalled: Collection[tuple[str, int]],
    said: Collection[str],
) -> list[str]:
    """Acknowledged = stored exactly once, numbers dense, recalled = erased, nothing that nobody said.

    ``said`` are the client ids of everything that was ever sent, answered or not.
    """
    found: list[str] = []
    by_key = {(of, entry["client_id"]): entry for of, log in stored.items() for entry in log}
    targets = {(of, entry["target_seq"]) for of, log in stored.items() for entry in log if entry["kind"] == "recall"}
    known = set(said)
    for of, log in stored.items():
        if [entry["seq"] for entry in log] != list(range(1, len(log) + 1)):
            found.append(f"{of}: the numbers have holes or doubles")
        times = Counter((entry["sender"], entry["client_id"]) for entry in log if entry["client_id"] is not None)
        found += [f"{of}: {key} is stored {count} times" for key, count in times.items() if count > 1]
        found += [
            f"{of}/{entry['seq']}: nobody said {entry['client_id']}"
            for entry in log
            if entry["kind"] == "text" and entry["client_id"] not in known
        ]
        found += [
            f"{of}/{entry['seq']}: recalled, and its body is stored"
            for entry in log
            if (of, entry["seq"]) in targets and entry["body"] is not None
        ]
    found += [
        f"{of}/{seq}: its recall was acknowledged and is lost" for of, seq in recalled if (of, seq) not in targets
    ]
    for ack in acked:
        entry = by_key.get((ack.conversation_id, ack.client_id))
        place = f"{ack.conversation_id}/{ack.seq}"
        if entry is None:
            found.append(f"{place}: {ack.client_id} was acknowledged and is lost")
        elif (entry["seq"], entry["id"]) != (ack.seq, ack.id):
            found.append(f"{place}: {ack.client_id} is stored elsewhere than was said ({entry['seq']})")
        elif (ack.conversation_id, ack.seq) not in targets and (entry["body"] or {}).get("text") != ack.text:
            found.append(f"{place}: {ack.client_id} is stored with another text")
    return found


def find_differences(reader: str, seen: Logs, stored: Logs) -> list[str]:
    """What somebody sees is what is stored for them, in order; nothing recalled is shown."""
    found: list[str] = []
    for of, log in stored.items():
        shown = seen.get(of)
        if shown is None:
            found.append(f"{reader} does not see {of}")
        elif shown != log:
            pairs = zip(shown, log, strict=False)
            first = next((index for index, (one, other) in enumerate(pairs) if one != other), min(len(shown), len(log)))
            found.append(f"{reader} sees another {of} from entry {first + 1} on ({len(shown)} of {len(log)} entries)")
    return found


def find_steps_back(
    read: Mapping[tuple[str, str], int], before: Mapping[tuple[str, str], int], now: Mapping[tuple[str, str], int]
) -> list[str]:
    """Read cursors never go back: neither behind what was acknowledged nor behind what was seen before."""
    found: list[str] = []
    for name, least in (("acknowledged", read), ("seen before", before)):
        found += [
            f"{person} read {of} up to {now.get((of, person), 0)}, but {seq} was {name}"
            for (of, person), seq in least.items()
            if now.get((of, person), 0) < seq
        ]
    return found


def find_late(
    acked: Collection[Acked], seen_at: Mapping[tuple[str, int], float], healed_at: float, within_s: float
) -> tuple[list[str], float]:
    """Everybody connected gets every entry within seconds after the fault has healed; also the longest wait of all."""
    found: list[str] = []
    longest = 0.0
    for ack in acked:
        at = seen_at.get((ack.conversation_id, ack.seq))
        if at is None:
            found.append(f"{ack.conversation_id}/{ack.seq} never arrived")
            continue
        longest = max(longest, at - ack.at)
        late = at - max(ack.at, healed_at)
        if late > within_s:
            found.append(f"{ack.conversation_id}/{ack.seq} arrived {late:.1f} s after the fault had healed")
    return found, longest
