"""The registry of operations: each name, path and model of the EPOS Data API, once.

HTTP, WebSocket, the registration with Dojo, the simulated Dojo and the exported document use it.
"""

from epos.contract import areas, bills, events, orders, parties, payments, reservations, tables
from epos.contract.operation import (
    ALL_PRODUCTS,
    BOOKINGS,
    ORDER_AND_PAY,
    PAY_AT_TABLE,
    QR_PAY,
    Operation,
)

__all__ = ["OPERATIONS", "Operation", "by_capability", "by_websocket_method"]

_BOOKINGS = frozenset({BOOKINGS})
_PAYING = frozenset({ORDER_AND_PAY, PAY_AT_TABLE, QR_PAY})

# In the order of routing: a literal path comes before a path with a parameter in the same place.
OPERATIONS: tuple[Operation, ...] = (
    Operation(
        capability="ListAreas",
        http_method="GET",
        path="/v1/areas",
        response=list[areas.Area],
        summary="List areas",
        tag="Areas",
        operation_id="v1-list-areas",
        products=_BOOKINGS,
    ),
    Operation(
        capability="SearchTables",
        http_method="POST",
        path="/v1/tables/search",
        request=tables.SearchTablesRequest,
        # HTTP answers an array with one page, the WebSocket method the page itself.
        response=list[tables.PagedTablesResponse],
        summary="Search tables",
        tag="Tables",
        operation_id="v1-search-tables",
        products=frozenset({BOOKINGS, QR_PAY}),
    ),
    Operation(
        capability="SearchOrders",
        http_method="POST",
        path="/v1/orders/search",
        request=orders.SearchOrdersRequest,
        response=orders.PagedOrdersResponse,
        summary="Search orders",
        tag="Orders",
        operation_id="v1-search-orders",
        products=ALL_PRODUCTS,
    ),
    Operation(
        capability="CreateOrder",
        http_method="POST",
        path="/v1/orders",
        request=orders.CreateOrderRequest,
        response=orders.Order,
        summary="Create an order",
        tag="Orders",
        operation_id="v1-post-orders",
        products=frozenset({BOOKINGS, ORDER_AND_PAY}),
    ),
    Operation(
        capability="GetOrderById",
        http_method="GET",
        path="/v1/orders/{orderId}",
        response=orders.Order,
        summary="Get an order by id",
        tag="Orders",
        operation_id="v1-get-orders-orderId",
        products=ALL_PRODUCTS,
    ),
    Operation(
        capability="CancelOrderById",
        http_method="DELETE",
        path="/v1/orders/{orderId}",
        response=orders.Order,
        summary="Cancel an order by id",
        tag="Orders",
        operation_id="v1-delete-orders-orderId",
        # Not documented. These are the products that create orders.
        products=frozenset({BOOKINGS, ORDER_AND_PAY}),
    ),
    Operation(
        capability="CreateOrderLock",
        http_method="POST",
        path="/v1/orders/{orderId}/lock",
        request=orders.CreateOrderLockRequest,
        response=orders.Order,
        summary="Lock an order",
        tag="Orders",
        operation_id="v1-post-order-lock",
        products=_PAYING,
    ),
    Operation(
        capability="ExtendOrderLock",
        http_method="PUT",
        path="/v1/orders/{orderId}/locks/{lockId}",
        request=orders.ExtendOrderLockRequest,
        response=orders.ExtendOrderLockResponse,
        summary="Extend the lock of an order",
        tag="Orders",
        operation_id="v1-put-extend-order-lock",
        products=_PAYING,
    ),
    Operation(
        capability="DeleteOrderLock",
        http_method="DELETE",
        path="/v1/orders/{orderId}/locks/{lockId}",
        response=orders.Order,
        summary="Unlock an order",
        tag="Orders",
        operation_id="v1-delete-order-lock",
        products=_PAYING,
    ),
    Operation(
        capability="GetOrderBillById",
        older_names=("GetOrderBill",),
        http_method="GET",
        path="/v1/orders/{orderId}/bill",
        response=bills.OrderBill,
        summary="Get a printable bill",
        tag="Orders",
        operation_id="v1-get-orders-bill",
        products=frozenset({PAY_AT_TABLE}),
    ),
    Operation(
        capability="RecordOrderPaymentById",
        older_names=("RecordOrderPayment",),
        http_method="POST",
        path="/v1/orders/{orderId}/record-payment",
        request=payments.PaymentWithLockId,
        response=orders.Order,
        summary="Record a payment",
        tag="Orders",
        operation_id="v1-post-record-order-payment",
        # Documented for Pay at Table only. The others lock orders, which serves only payments.
        products=_PAYING,
    ),
    Operation(
        capability="SearchParties",
        http_method="POST",
        path="/v1/parties/search",
        request=parties.SearchPartiesRequest,
        response=parties.PagedPartiesResponse,
        summary="Search parties",
        tag="Parties",
        operation_id="v1-search-parties",
        products=_BOOKINGS,
    ),
    Operation(
        capability="CreateParty",
        http_method="POST",
        path="/v1/parties",
        request=parties.CreatePartyRequest,
        response=parties.Party,
        summary="Create a party",
        tag="Parties",
        operation_id="v1-post-parties",
        products=_BOOKINGS,
    ),
    Operation(
        capability="GetPartyById",
        http_method="GET",
        path="/v1/parties/{partyId}",
        response=parties.Party,
        summary="Get a party",
        tag="Parties",
        operation_id="v1-get-parties-partyId",
        products=_BOOKINGS,
    ),
    Operation(
        capability="UpdateParty",
        older_names=("UpdatePartyById",),
        http_method="PUT",
        path="/v1/parties/{partyId}",
        websocket_id="id",
        request=parties.UpdatePartyRequest,
        response=parties.Party,
        summary="Update a party",
        tag="Parties",
        operation_id="v1-put-parties-partyId",
        products=_BOOKINGS,
    ),
    Operation(
        capability="DeletePartyById",
        http_method="DELETE",
        path="/v1/parties/{partyId}",
        response=None,
        summary="Delete a party",
        tag="Parties",
        operation_id="v1-delete-parties-partyId",
        products=_BOOKINGS,
    ),
    Operation(
        capability="SearchReservations",
        http_method="POST",
        path="/v1/reservations/search",
        request=reservations.SearchReservationsRequest,
        response=reservations.PagedReservationsResponse,
        summary="Search reservations",
        tag="Reservations",
        operation_id="v1-search-reservations",
        products=_BOOKINGS,
    ),
    Operation(
        capability="CreateReservation",
        http_method="POST",
        path="/v1/reservations",
        request=reservations.CreateReservationRequest,
        response=reservations.Reservation,
        summary="Create a reservation",
        tag="Reservations",
        operation_id="v1-post-reservations",
        products=_BOOKINGS,
    ),
    Operation(
        capability="GetReservationById",
        http_method="GET",
        path="/v1/reservations/{reservationId}",
        response=reservations.Reservation,
        summary="Get a reservation",
        tag="Reservations",
        operation_id="v1-get-reservations-reservationId",
        products=_BOOKINGS,
    ),
    Operation(
        capability="UpdateReservation",
        older_names=("UpdateReservationById",),
        http_method="PUT",
        path="/v1/reservations/{reservationId}",
        websocket_id="id",
        request=reservations.UpdateReservationRequest,
        response=reservations.Reservation,
        summary="Update a reservation",
        tag="Reservations",
        operation_id="v1-put-reservations-reservationId",
        products=_BOOKINGS,
    ),
    Operation(
        capability="DeleteReservationById",
        http_method="DELETE",
        path="/v1/reservations/{reservationId}",
        response=None,
        summary="Delete a reservation",
        tag="Reservations",
        operation_id="v1-delete-reservations-reservationId",
        products=_BOOKINGS,
    ),
    Operation(
        capability="HandleEvent",
        events=tuple(events.EventType),
        http_method="POST",
        path="/v1/events",
        request=events.Event,
        response=None,
        summary="Handle an event",
        tag="Events",
        operation_id="v1-post-events",
        products=ALL_PRODUCTS,
    ),
)

_BY_CAPABILITY = {name: operation for operation in OPERATIONS for name in operation.names}
_BY_METHOD = {operation.websocket_method: operation for operation in OPERATIONS}


def by_capability(name: str) -> Operation | None:
    """The operation of a capability, in any spelling of it."""
    return _BY_CAPABILITY.get(name)


def by_websocket_method(method: str) -> Operation | None:
    """The operation of a WebSocket method."""
    return _BY_METHOD.get(method)
