"""The simulator as an object: settings, state, core, and the lab in it. No network; `server` puts it on a port.

with Simulator.open(Settings(state_dir=Path("state"))) as simulator:
    lab = simulator.ensure_lab()
    response = simulator.handle(ApiRequest("GET", "/identity/keys"))
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any, Self

from keyprotect_simulator.clock import MovableClock
from keyprotect_simulator.core import Core
from keyprotect_simulator.disturbances import Disturbances
from keyprotect_simulator.iam.tokens import TokenIssuer, new_signing_key
from keyprotect_simulator.lab import Lab, existing_lab, lab_records
from keyprotect_simulator.messages import CONTROL_BODY, MAXIMUM_BODY, is_control
from keyprotect_simulator.records import Clocks, LabRecord, Put, Record, SigningKey
from keyprotect_simulator.request_log import RequestLog
from keyprotect_simulator.state.exported import exported, imported
from keyprotect_simulator.state.journal import Forgetful, Journal
from keyprotect_simulator.state.tables import State

if TYPE_CHECKING:
    from types import TracebackType

    from keyprotect_simulator.identifiers import Clock, Random
    from keyprotect_simulator.messages import ApiRequest, ApiResponse, Json
    from keyprotect_simulator.settings import Settings


CLOCKS_ID = "clocks"


class Simulator:
    """Key Protect and IAM over one state."""

    def __init__(
        self,
        settings: Settings,
        journal: Journal,
        *,
        clock: Clock = time.time,
        iam_clock: Clock = time.time,
        random: Random = os.urandom,
    ) -> None:
        self.settings = settings
        self.disturbances = Disturbances()
        self.requests = RequestLog()
        self.clock = MovableClock(clock)
        """Key Protect's time. Tokens do not age with it: SDKs judge them by the machine's clock."""
        self.iam_clock = MovableClock(iam_clock)
        """IAM's time; moved on by an hour, every token given out so far is expired."""
        self._journal = journal
        self.random = random
        state = State(journal.load())
        signing_key = next(iter(state.all(SigningKey)), None) or new_signing_key(random)
        self._issuer = TokenIssuer(signing_key)
        self.core = Core(
            state,
            journal,
            self._issuer,
            clock=self.clock,
            iam_clock=self.iam_clock,
            random=random,
            content_type=settings.content_type,
        )
        if state.get(SigningKey, signing_key.id) is None:
            with self.core.exclusive():
                self.core.commit(Put(signing_key))
        self._set_clocks()
        self.clock.moved = self.iam_clock.moved = self._keep_clocks
        self._start = tuple(state.everything())

    @classmethod
    def open(cls, settings: Settings, *, clock: Clock = time.time, iam_clock: Clock = time.time, random: Random = os.urandom) -> Simulator:
        """A simulator with the journal that the settings ask for.

        Raises:
            StateFolderError: the state folder cannot be used.
        """
        journal = open_journal(settings, random)
        try:
            return cls(settings, journal, clock=clock, iam_clock=iam_clock, random=random)
        except BaseException:
            journal.close()
            raise

    @property
    def state(self) -> State:
        """What the simulator remembers; read only."""
        return self.core.state

    def handle(self, request: ApiRequest) -> ApiResponse:
        """The answer to a request. Safe to call from several threads."""
        if self.controls(request):
            from keyprotect_simulator.control_api import control

            return control(self, request)
        return self.core.handle(request)

    def controls(self, request: ApiRequest) -> bool:
        """Whether the request is for the control API, not for the services: it is neither logged nor disturbed."""
        return self.settings.controlled and is_control(request.path)

    def may_write(self, request: ApiRequest) -> bool:
        """Whether answering this request may wait for the disk."""
        if self.controls(request):
            return request.method != "GET"
        return self.core.may_write(request)

    def may_take_long(self, request: ApiRequest) -> bool:
        """Whether answering this request takes so long that others should not wait for it: an overview of a KMIP server's objects may."""
        if self.controls(request):
            return request.path.endswith("/overview")
        return self.core.may_take_long(request)

    def most_of_a_body(self, path: str) -> int:
        """So many bytes of a body are looked at."""
        return CONTROL_BODY if self.settings.controlled and is_control(path) else MAXIMUM_BODY

    def ensure_lab(self) -> Lab:
        """The lab, made if it is not there; a revoked API key of it is replaced. Idempotent."""
        with self.core.exclusive():
            if existing_lab(self.state) is None:
                self.core.commit(*lab_records(self.state, region=self.settings.region, now=self.clock(), random=self.random))
            if not any(isinstance(record, LabRecord) for record in self._start):
                self._start = tuple(self.state.everything())
        lab = existing_lab(self.state)
        assert lab is not None
        return lab

    def remember_start(self) -> None:
        """Let `reset` come back to this moment."""
        with self.core.exclusive():
            self._start = tuple(self.state.everything())

    def reset(self) -> None:
        """Everything as it was when the simulator had started, its lab and seed included; nothing disturbed, an empty request log.

        Only versions of `Core.needed_keys` stay that were made since.
        """
        self._replace_all(self._start)
        self.core.regions_away = frozenset()
        self.disturbances.end_all()
        self.requests.clear()

    def export(self) -> Json:
        """The whole state as a JSON document, secrets in the clear."""
        with self.core.exclusive():
            return exported(self.state.everything())

    def restore(self, document: Any) -> None:
        """The state of an exported document instead of this one. Raises NoExport, and leaves everything as it is."""
        self._replace_all(imported(document))

    def _replace_all(self, records: tuple[Record, ...]) -> None:
        with self.core.exclusive():
            self.core.exchange(records)
            self._issuer.use(self.state.all(SigningKey)[0])
            self._set_clocks()

    def _set_clocks(self) -> None:
        kept = self.state.get(Clocks, CLOCKS_ID)
        self.clock.offset = kept.key_protect if kept else 0.0
        self.iam_clock.offset = kept.iam if kept else 0.0

    def _keep_clocks(self) -> None:
        with self.core.exclusive():
            self.core.commit(Put(Clocks(CLOCKS_ID, self.clock.offset, self.iam_clock.offset)))

    def close(self) -> None:
        """Release the state folder."""
        self._journal.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


def open_journal(settings: Settings, random: Random) -> Journal:
    """The journal that the settings ask for."""
    if settings.state_dir is None:
        return Forgetful()
    from keyprotect_simulator.state.folder import FolderJournal

    return FolderJournal.open(settings.state_dir, random=random)
