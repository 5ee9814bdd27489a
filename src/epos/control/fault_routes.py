"""Faults of a venue: armed, asked for, disarmed."""

from fastapi import APIRouter

from epos.contract.operations import OPERATIONS, by_capability
from epos.control.exchange import Transport
from epos.control.faults import Action, Doing, Fault, When
from epos.control.models import Done, FaultAnswer, FaultForm, FaultId, FaultList
from epos.control.parameters import TheServices, VenueId
from epos.domain.errors import InvalidRequest, NotFound
from epos.web.contract_route import ContractRoute, refusals

router = APIRouter(prefix="/venues/{venueId}/faults", tags=["Faults"], route_class=ContractRoute)


@router.post(
    "", name="arm-fault", summary="Let something go wrong", responses=refusals(400, 401, 404)
)
async def arm(venueId: VenueId, form: FaultForm, services: TheServices) -> FaultAnswer:
    watch = await services.watches.require(venueId)
    known = services.till_operations
    if form.capability is not None and not (
        by_capability(form.capability) or form.capability in known
    ):
        some = ", ".join(operation.capability for operation in OPERATIONS[:3])
        raise InvalidRequest(
            "capability", f"must be a capability ({some}, …) or a till's operation"
        )
    fault = Fault(
        id=services.identifiers.new("fault"),
        when=When(form.when),
        action=action_of(form),
        capability=form.capability,
        transport=None if form.transport is None else Transport(form.transport),
        order_id=form.orderId,
        product=form.product,
        device_id=form.deviceId,
        skip=form.skip or 0,
        times=form.times,
        seconds=form.seconds,
        probability=1.0 if form.probability is None else form.probability,
        seed=form.seed,
    )
    watch.faults.arm(fault)
    return _answer(fault)


@router.get("", name="list-faults", summary="List what is armed", responses=refusals(401, 404))
async def list_faults(venueId: VenueId, services: TheServices) -> FaultList:
    watch = await services.watches.require(venueId)
    return FaultList(faults=[_answer(fault) for fault in watch.faults.all()])


@router.get(
    "/{faultId}",
    name="get-fault",
    summary="Get how often a fault struck, and which requests",
    responses=refusals(401, 404),
)
async def get_fault(venueId: VenueId, faultId: FaultId, services: TheServices) -> FaultAnswer:
    fault = (await services.watches.require(venueId)).faults.find(faultId)
    if fault is None:
        raise NotFound(f"Fault {faultId}")
    return _answer(fault)


@router.delete(
    "/{faultId}", name="disarm-fault", summary="Disarm a fault", responses=refusals(401, 404)
)
async def disarm(venueId: VenueId, faultId: FaultId, services: TheServices) -> FaultAnswer:
    """It strikes no more. The answer says what it did."""
    fault = (await services.watches.require(venueId)).faults.disarm(faultId)
    if fault is None:
        raise NotFound(f"Fault {faultId}")
    return _answer(fault)


@router.delete(
    "", name="disarm-all-faults", summary="Disarm all faults", responses=refusals(401, 404)
)
async def disarm_all(venueId: VenueId, services: TheServices) -> Done:
    (await services.watches.require(venueId)).faults.clear()
    return Done()


def action_of(form: FaultForm) -> Action:
    """Raises InvalidRequest unless the form says exactly one thing."""
    said = form.action.model_dump(exclude_none=True)
    chosen = [(Doing(name), value) for name, value in said.items() if value is not False]
    if len(chosen) != 1:
        names = ", ".join(doing.value for doing in Doing)
        raise InvalidRequest("action", f"must have exactly one of {names}")
    return Action(*chosen[0])


def _answer(fault: Fault) -> FaultAnswer:
    return FaultAnswer(
        faultId=fault.id,
        struck=fault.struck,
        traceIds=list(fault.trace_ids),
        when=fault.when.value,
        action={fault.action.doing.value: fault.action.value},
    )
