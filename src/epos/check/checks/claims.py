"""Product by product: what an EPOS must offer for it."""

from epos.check.registry import BOTH, Check, Obligation, docs, register, spec
from epos.check.subject import Epos, NotClaimed, NotTried
from epos.contract.operation import BOOKINGS, ORDER_AND_PAY, PAY_AT_TABLE, QR_PAY

_WANTED: dict[str, tuple[tuple[str, ...], str]] = {
    PAY_AT_TABLE: (
        ("SearchOrders", "GetOrderById", "RecordOrderPaymentById"),
        docs("llms-inperson-pat.txt: the minimum of Pay at Table"),
    ),
    ORDER_AND_PAY: (
        ("CreateOrder", "GetOrderById", "HandleEvent"),
        docs("payments/order-and-pay/flows: the operations of the flow"),
    ),
    QR_PAY: (
        ("SearchOrders", "GetOrderById", "HandleEvent"),
        docs("core-concepts/orders and /dojo-events: the capabilities that name QR Pay"),
    ),
    BOOKINGS: (
        ("ListAreas", "SearchTables", "SearchParties", "CreateParty", "UpdateParty"),
        docs("bookings/introduction: it uses all entities; ") + spec("CreateParty"),
    ),
}
_NOT_PROVED = "That they work: the other checks of the product show that, each for itself."


def _register(product: str) -> None:
    wanted, source = _WANTED[product]

    async def work(epos: Epos) -> None:
        missing = [name for name in wanted if name in epos.world.unclaimed]
        words = ", ".join(missing)
        if not missing and not epos.world.options.write:
            raise NotTried("only --write shows whether all are offered")
        if missing and product not in epos.world.options.products:
            raise NotClaimed(f"{words}: not offered, and --product does not ask for it")
        epos.expect(not missing, ", ".join(wanted), f"not offered: {words}")

    register(
        Check(
            name=f"claims.{product.lower().replace(' & ', '-and-').replace(' ', '-')}",
            obligation=Obligation.MUST,
            reason=f"{product} needs these operations.",
            source=source,
            not_proved=_NOT_PROVED,
            needs=(),
            products=frozenset({product}),
            writes=False,
            transports=BOTH,
            work=work,
        )
    )


for _product in _WANTED:
    _register(_product)
