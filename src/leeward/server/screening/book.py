"""The hot path's rows: contact states loaded and stored in one short transaction. Plain SQL, since it runs for every message."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

import msgspec
from django.db import connection

from leeward.engine.contact import ActorState, PairState, States
from leeward.engine.events import Event
from leeward.server.core import crypto

_encode = msgspec.msgpack.Encoder().encode
_pair = msgspec.msgpack.Decoder(PairState).decode
_actor = msgspec.msgpack.Decoder(ActorState).decode
_UPSERT = (
    "INSERT INTO screening_contactstate (key, data, updated_at) VALUES (%s, %s, %s) "
    "ON CONFLICT (key) DO UPDATE SET data = excluded.data, updated_at = excluded.updated_at"
)


def keys(service_id: int, event: Event) -> tuple[bytes, bytes, bytes]:
    """Keys of the pair, of the actor and of the other account."""
    service, actor, audience = str(service_id), event.actor.ref, event.audience.ref
    pair = crypto.keyed_hash("contact", service, "pair", *sorted((actor, audience)))
    return (
        pair[:20],
        crypto.keyed_hash("contact", service, "actor", actor)[:20],
        crypto.keyed_hash("contact", service, "actor", audience)[:20],
    )


class Book:
    """States of one transaction. Open it inside `transaction.atomic()`; `close` writes what has changed."""

    def __init__(self, service_id: int) -> None:
        self._service = service_id
        self._rows: dict[bytes, bytes] = {}
        self._states: dict[bytes, Any] = {}
        self._keys: dict[tuple[str, str], tuple[bytes, bytes, bytes]] = {}

    def _keys_of(self, event: Event) -> tuple[bytes, bytes, bytes]:
        """Keyed hashes are asked for twice of each event; they are made once."""
        refs = (event.actor.ref, event.audience.ref)
        if refs not in self._keys:
            self._keys[refs] = keys(self._service, event)
        return self._keys[refs]

    def load(self, events: Iterable[Event]) -> None:
        """Reads all rows that these events need, in one query, and locks them until the transaction ends."""
        wanted = sorted({key for event in events if event.actor.ref and event.audience.ref for key in self._keys_of(event)})
        if not wanted:
            return
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":  # SQLite's transactions are IMMEDIATE: they hold the lock already
                for key in wanted:
                    cursor.execute("SELECT pg_advisory_xact_lock(%s)", [int.from_bytes(key[:8], "big", signed=True)])
            for at in range(0, len(wanted), 500):
                part = wanted[at : at + 500]
                marks = ",".join(["%s"] * len(part))
                cursor.execute(f"SELECT key, data FROM screening_contactstate WHERE key IN ({marks})", part)  # noqa: S608  (marks are %s)
                self._rows.update((bytes(key), bytes(data)) for key, data in cursor.fetchall())

    def _state(self, key: bytes, kind: type[Any], decode: Any) -> Any:
        state = self._states.get(key)
        if state is None:
            row = self._rows.get(key)
            state = self._states[key] = decode(row) if row is not None else kind()
        return state

    def states(self, event: Event) -> States:
        """The states of an event; fresh ones where the service names no refs."""
        if not (event.actor.ref and event.audience.ref):
            return States()
        pair, actor, other = self._keys_of(event)
        return States(self._state(pair, PairState, _pair), self._state(actor, ActorState, _actor), self._state(other, ActorState, _actor))

    def close(self, now: dt.datetime) -> None:
        """Writes the states that have changed."""
        rows = []
        for key, state in self._states.items():
            data = _encode(state)
            if data != self._rows.get(key) and not (key not in self._rows and isinstance(state, ActorState) and not state.contacts):
                rows.append((key, data, now))
        if rows:
            with connection.cursor() as cursor:
                cursor.executemany(_UPSERT, rows)
