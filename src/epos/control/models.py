"""The models of the control API. Names are camelCase, as in the contract."""

from typing import Annotated, Any, Literal

from fastapi import Path
from pydantic import Field

from epos.contract.base import (
    Answer,
    ClosedRequest,
    FilledText,
    Flag,
    Id,
    Time,
    Wording,
    whole_number,
)
from epos.contract.errors import EPOSErrorType

Json = dict[str, Any]
MOST_WAIT = 60
MOST_SECONDS = 100 * 365 * 86_400
Seed = Annotated[int, *whole_number(0, 2**31 - 1)]


class VenueForm(ClosedRequest):
    """A venue to make."""

    kind: Annotated[Literal["empty", "demo"], Wording("must be empty or demo")] | None = None
    """`demo`: a British bistro in the middle of service. `empty`: without tables and menu, unless there
    is a layout. Without it: `empty` where a layout is sent, else `demo`.
    """
    layout: Json | None = None
    """The set-up of an empty venue: a document as `epos venue export` writes it."""
    seed: Seed | None = None
    """With the same seed the venue has the same ids in each run, also those that are made later by
    requests that come one after the other. The venue's own id is always a new one.
    """
    settings: Json = Field(default_factory=dict)
    """Properties of the venue's profile, named as in the till's API, such as `acceptsOrders`."""


class LoginAnswer(Answer):
    """A user name and a password for HTTP Basic."""

    username: str
    """The user name."""
    password: str
    """The password."""


class CredentialsAnswer(Answer):
    """The three credentials of a venue."""

    dojo: LoginAnswer
    """For the EPOS Data API."""
    till: LoginAnswer
    """For the till's API."""
    admin: LoginAnswer
    """For the set-up in the till's API."""


class VenueAnswer(Answer):
    """A venue that was made."""

    venueId: str
    """The id of the venue."""
    credentials: CredentialsAnswer
    """Who may speak for it."""


class SnapshotAnswer(Answer):
    """What was kept of a venue."""

    snapshotId: str
    """The id of the snapshot, for `restore`."""


class SnapshotForm(ClosedRequest):
    """Which snapshot shall be restored."""

    snapshotId: Id
    """The id that `snapshots` has answered."""


class ClockForm(ClosedRequest):
    """How the time of a venue shall go. All together: it is set, advanced, and then runs."""

    freezeAt: Time | None = None
    """Let it stand still at this time."""
    advanceSeconds: (
        Annotated[
            float,
            Field(ge=0, le=MOST_SECONDS, allow_inf_nan=False),
            Wording(f"must be a number from 0 to {MOST_SECONDS}"),
        ]
        | None
    ) = None
    """Advance it by so many seconds, whether it stands or runs."""
    unfreeze: Flag | None = None
    """true: let it run on from where it stands."""


class ClockAnswer(Answer):
    """The time of a venue."""

    now: Time
    """Its time."""
    frozen: bool
    """Whether it stands still."""


class DojoForm(ClosedRequest):
    """Which Dojo the venue shall be connected to: a simulated one, or Dojo's sandbox."""

    apiKey: FilledText
    """The API key of the account."""
    apiUrl: FilledText
    """The URL of Dojo's API."""
    wsUrl: FilledText | None = None
    """Where Dojo listens for the WebSocket; without it, `/epos` at the API's URL."""
    transport: Annotated[Literal["rest", "websocket"], Wording("must be rest or websocket")]
    """How Dojo's calls reach this server."""
    publicUrl: FilledText | None = None
    """The URL at which Dojo reaches this server; needed for `rest`."""
    softwareHouseId: FilledText = "test-house"
    """The software house that Dojo knows."""
    resellerId: FilledText | None = "test-reseller"
    """The reseller that Dojo knows."""
    verifiesPayments: Flag = False
    """true: each payment is checked with Dojo before it is recorded."""


class Done(Answer):
    """It is done."""

    ok: bool = True
    """Always true."""


# --- faults ---------------------------------------------------------------------------------------

FaultId = Annotated[Id, Path(description="The id of the fault.")]
Seconds = Annotated[
    float,
    Field(ge=0, le=MOST_WAIT, allow_inf_nan=False),
    Wording(f"must be a number from 0 to {MOST_WAIT}"),
]
Number = Annotated[int, *whole_number(0, 1_000_000)]
Transports = Annotated[Literal["rest", "websocket"], Wording("must be rest or websocket")]


class ActionForm(ClosedRequest):
    """What shall go wrong: exactly one of these."""

    error: EPOSErrorType | None = None
    """An error of this kind is answered."""
    status: Annotated[int, *whole_number(400, 599)] | None = None
    """This HTTP status is answered; over the WebSocket, an error of its kind."""
    delaySeconds: Seconds | None = None
    """The request waits before the work, or its answer after it."""
    cut: Flag | None = None
    """The connection is closed without an answer."""
    truncate: Flag | None = None
    """Half of the answer is sent, then the connection is closed; over the WebSocket, half of the frame."""
    garble: Flag | None = None
    """The answer's body is no JSON."""


class FaultForm(ClosedRequest):
    """A fault: whom it strikes, how often, when, and what happens."""

    capability: Id | None = None
    """A capability in any spelling, or the name of an operation in the till's document."""
    transport: Transports | None = None
    """Over which transport."""
    orderId: Id | None = None
    """The order, or the tab, that the request names in its path."""
    product: Id | None = None
    """The product that the request names in its headers."""
    deviceId: Id | None = None
    """The device that the request names in its headers."""
    skip: Number | None = None
    """How many such requests pass first."""
    times: Number | None = None
    """How often it strikes; without it, until it is disarmed."""
    seconds: (
        Annotated[float, Field(ge=0, allow_inf_nan=False), Wording("must be a number from 0")]
        | None
    ) = None
    """For how long it is armed, in real seconds."""
    probability: (
        Annotated[
            float, Field(ge=0, le=1, allow_inf_nan=False), Wording("must be a number from 0 to 1")
        ]
        | None
    ) = None
    """How probably it strikes; 1 without it."""
    seed: Seed | None = None
    """With the same seed, chance strikes the same requests in each run."""
    when: Annotated[Literal["before", "after-commit"], Wording("must be before or after-commit")]
    """`before`: nothing is done. `after-commit`: it is done, and the answer of a success is spoiled."""
    action: ActionForm
    """What goes wrong."""


class FaultAnswer(Answer):
    """A fault and what it has done."""

    faultId: str
    """The id of the fault."""
    struck: int
    """How often it has struck."""
    traceIds: list[str]
    """The requests that it struck; the journal has an entry for each."""
    when: str
    """When it strikes."""
    action: Json
    """What it does."""


class FaultList(Answer):
    """The faults of a venue."""

    faults: list[FaultAnswer]
    """In the order in which they were armed."""


# --- journal --------------------------------------------------------------------------------------


class WantedForm(ClosedRequest):
    """What an entry of the journal shall be like. What is not named may be anything."""

    capability: Id | None = None
    """A capability in any spelling, or the name of an operation in the till's document."""
    transport: Transports | None = None
    """Over which transport."""
    orderId: Id | None = None
    """The order or the tab."""
    product: Id | None = None
    """The product that the request names in its headers."""
    deviceId: Id | None = None
    """The device that the request names in its headers."""
    waiterId: Id | None = None
    """The waiter whom the request names in its headers."""
    traceId: Id | None = None
    """The trace id of the request, which an error has too."""
    status: Number | None = None
    """The HTTP status of the answer."""
    faultId: Id | None = None
    """The fault that struck it."""
    body: Json | None = None
    """Properties of the request's body; it may have more."""
    answer: Json | None = None
    """Properties of the answer's body; it may have more."""


class WaitForm(WantedForm):
    """What is waited for."""

    times: Number | None = None
    """How many there shall be at least; 1 without it."""
    seconds: Seconds | None = None
    """How long to wait at most; 5 without it."""


class VerifyForm(WantedForm):
    """What must be in the journal."""

    times: Number | None = None
    """How many there must be, exactly; 1 without it."""


class JournalQuery(ClosedRequest):
    """Which entries."""

    capability: str | None = None
    transport: str | None = None
    orderId: str | None = None
    product: str | None = None
    deviceId: str | None = None
    waiterId: str | None = None
    traceId: str | None = None
    status: str | None = None
    faultId: str | None = None
    after: str | None = None
    """Only entries with a greater number."""
    limit: str | None = None
    """At most so many; 1000 without it."""


class EntryAnswer(Answer):
    """A request and its answer."""

    number: int
    """Grows with each request of the venue."""
    at: Time
    """When the request came, in real time."""
    transport: str
    """`rest` or `websocket`."""
    capability: str | None
    """The capability, or the name of the till's operation."""
    method: str
    """The HTTP method, or the method of the frame."""
    path: str
    """The path with its query; empty over the WebSocket."""
    ids: Json
    """The ids in the path, by their names."""
    orderId: str | None
    """The order or the tab that it is about."""
    waiterId: str | None
    """The waiter in its headers."""
    product: str | None
    """The product in its headers."""
    deviceId: str | None
    """The device in its headers."""
    body: Any
    """The body of the request; as text, if it is no JSON."""
    status: int | None
    """The status of the answer; absent if there was none."""
    answer: Any
    """The body of the answer, before a fault spoiled its form."""
    traceId: str
    """The id of the request; an error and the server's log lines have the same."""
    milliseconds: float
    """How long it took."""
    faultId: str | None
    """The fault that struck it."""
    note: str | None
    """What the fault did."""


class JournalAnswer(Answer):
    """The journal, or a part of it."""

    entries: list[EntryAnswer]
    """Oldest first, by when they were answered."""


class Difference(Answer):
    """What is not as it was wanted."""

    field: str
    """The path of the property."""
    expected: Any
    """What was wanted."""
    was: Any
    """What it is; absent if it is not there."""


class NearMiss(Answer):
    """An entry that is almost as it was wanted."""

    entry: EntryAnswer
    """The entry."""
    differs: list[Difference]
    """All in which it differs."""


class WaitAnswer(Answer):
    """What came while it was waited for."""

    arrived: bool
    """Whether there are enough."""
    entries: list[EntryAnswer]
    """Those that are as wanted, also those that were there before."""
    nearest: list[NearMiss]
    """If there are not enough: the entries that come nearest."""


class VerifyAnswer(Answer):
    """Whether the journal has what it must."""

    verified: bool
    """Whether there are exactly so many."""
    found: int
    """How many there are."""
    entries: list[EntryAnswer]
    """These."""
    nearest: list[NearMiss]
    """If there are not so many: the entries that come nearest."""
