"""The models of the control API. Names are camelCase, as in the contract."""

from typing import Annotated, Any, Literal

from pydantic import Field

from epos.contract.base import Answer, ClosedRequest, Flag, Id, Time, Wording, whole_number

Json = dict[str, Any]
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


class Done(Answer):
    """It is done."""

    ok: bool = True
    """Always true."""
