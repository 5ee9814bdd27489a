"""Each deviation of our document from the published one, under its reason.

`form=id` is text of 1 to 200 characters without control characters, `form=text` is text without NUL.
"""

_BY_REASON = {
    "the trace id is in a header of every answer, not only in the body of an error": """
POST /v1/orders/{orderId}/lock 409 header=X-Trace-Id
every operation 200 header=X-Trace-Id
every operation 4XX header=X-Trace-Id
every operation 5XX header=X-Trace-Id
""",
    "the published document does not say how requests are authenticated; the registration does: Basic": """
every operation security basic
""",
    "events come from the reference page and the AsyncAPI document": """
operation POST /v1/events
schema CaptureMode
schema Event
schema PaymentIntentEvent
schema PaymentIntentStatus
""",
    "every request of these operations has a body; the published document forgets to require it": """
POST /v1/parties request required
POST /v1/reservations request required
PUT /v1/parties/{partyId} request required
PUT /v1/reservations/{reservationId} request required
""",
    "ids, lock ids, intents and header values: 1 to 200 characters without control characters": """
CreateOrderLockRequest.lockId form=id
CreateOrderRequest.dojoOrderId form=id
CreatePartyRequest.dojoPartyId form=id
CreatePartyRequest.dojoReservationId form=id
CreatePartyRequest.reservationId form=id
CreatePartyRequest.tableIds[] form=id
CreateReservationRequest.dojoReservationId form=id
CreateReservationRequest.tableIds[] form=id
DELETE /v1/orders/{orderId} path orderId form=id
DELETE /v1/orders/{orderId}/locks/{lockId} path lockId form=id
DELETE /v1/orders/{orderId}/locks/{lockId} path orderId form=id
DELETE /v1/parties/{partyId} path partyId form=id
DELETE /v1/reservations/{reservationId} path reservationId form=id
DineInDetails.partyId form=id
DineInDetails.reservationId form=id
DineInDetails.tableId form=id
DineInDetails.waiterId form=id
GET /v1/orders/{orderId} path orderId form=id
GET /v1/orders/{orderId}/bill path orderId form=id
GET /v1/parties/{partyId} path partyId form=id
GET /v1/reservations/{reservationId} path reservationId form=id
POST /v1/orders/{orderId}/lock path orderId form=id
POST /v1/orders/{orderId}/record-payment path orderId form=id
PUT /v1/orders/{orderId}/locks/{lockId} path lockId form=id
PUT /v1/orders/{orderId}/locks/{lockId} path orderId form=id
PUT /v1/parties/{partyId} path partyId form=id
PUT /v1/reservations/{reservationId} path reservationId form=id
PartyDepositInput.paymentIntentIds[] form=id
PaymentInput.paymentIntentId form=id
PaymentWithLockId.lockId form=id
PaymentWithLockId.paymentIntentId form=id
SearchDineInDetails.partyId form=id
SearchDineInDetails.reservationId form=id
SearchDineInDetails.tableId form=id
SearchDineInDetails.waiterId form=id
SearchPartiesRequest.tableId form=id
SearchReservationsRequest.tableId form=id
SearchTablesRequest.areaId form=id
SearchTablesRequest.waiterId form=id
UpdatePartyRequest.dojoPartyId form=id
UpdatePartyRequest.tableIds[] form=id
UpdateReservationRequest.dojoReservationId form=id
UpdateReservationRequest.tableIds[] form=id
every operation header device-id form=id
every operation header device-type form=id
every operation header dojo-requesting-product form=id
every operation header waiter-id form=id
""",
    "PostgreSQL's text cannot hold NUL": """
CreateOrderRequest.displayName form=text
CreateOrderRequest.note form=text
CreateOrderRequest.reference form=text
CreatePartyRequest.guestRequests form=text
CreatePartyRequest.hostNotes form=text
CreatePartyRequest.name form=text
CreatePartyRequest.status form=text
CreateReservationRequest.guestRequests form=text
CreateReservationRequest.hostNotes form=text
CreateReservationRequest.name form=text
Cursor.after form=text
Cursor.before form=text
Customer.emailAddress form=text
Customer.id form=text
Customer.name form=text
Customer.phoneNumber form=text
CustomerInput.emailAddress form=text
CustomerInput.id form=text
CustomerInput.name form=text
Discount.affectedPlu form=text
Discount.code form=text
Discount.discountReference form=text
Discount.name form=text
DiscountInput.affectedPlu form=text
DiscountInput.code form=text
DiscountInput.discountReference form=text
DiscountInput.name form=text
Modifier.name form=text
Modifier.plu form=text
OrderItem.name form=text
OrderItem.note form=text
OrderItem.plu form=text
OrderSubItem.name form=text
OrderSubItem.note form=text
OrderSubItem.plu form=text
PartyDepositInput.description form=text
TaxLine.affectedPlu form=text
TaxLine.id form=text
TaxLine.name form=text
UpdatePartyRequest.guestRequests form=text
UpdatePartyRequest.hostNotes form=text
UpdatePartyRequest.name form=text
UpdatePartyRequest.status form=text
UpdateReservationRequest.guestRequests form=text
UpdateReservationRequest.hostNotes form=text
UpdateReservationRequest.name form=text
""",
    "amounts are bounded: 0 to 10^12, prices and percentages within +-10^12": """
CreateOrderRequest.serviceChargeAmount.value minimum=0
CreateOrderRequest.totalAmount.value minimum=0
Discount.amountPercentage maximum=1000000000000
Discount.amountPercentage minimum=-1000000000000
DiscountInput.amountPercentage maximum=1000000000000
DiscountInput.amountPercentage minimum=-1000000000000
Money.value maximum=1000000000000
Money.value minimum=-1000000000000
Money.value without format="int64"
PartyDepositInput.totalAmount.value minimum=0
PaymentInput.paidAmount.value minimum=0
PaymentInput.tipsAmount.value minimum=0
PaymentWithLockId.paidAmount.value minimum=0
PaymentWithLockId.tipsAmount.value minimum=0
TaxLine.amountPercentage maximum=1000000000000
TaxLine.amountPercentage minimum=-1000000000000
TaxLine.amountTotal.value minimum=0
""",
    "quantities and covers: 0 to 1,000,000": """
CreatePartyRequest.covers maximum=1000000
CreatePartyRequest.covers minimum=0
CreateReservationRequest.covers maximum=1000000
CreateReservationRequest.covers minimum=0
Modifier.quantity maximum=1000000
Modifier.quantity minimum=0
OrderItem.quantity maximum=1000000
OrderItem.quantity minimum=0
OrderSubItem.quantity maximum=1000000
OrderSubItem.quantity minimum=0
UpdatePartyRequest.covers maximum=1000000
UpdatePartyRequest.covers minimum=0
UpdateReservationRequest.covers maximum=1000000
UpdateReservationRequest.covers minimum=0
""",
    "lists and texts have a length that no real bill meets (docs/wire.md)": """
CreateOrderRequest.discounts maxItems=100
CreateOrderRequest.displayName maxLength=1000
CreateOrderRequest.items maxItems=2000
CreateOrderRequest.note maxLength=10000
CreateOrderRequest.payments maxItems=100
CreateOrderRequest.reference maxLength=1000
CreateOrderRequest.taxLines maxItems=100
CreatePartyRequest.guestRequests maxLength=10000
CreatePartyRequest.hostNotes maxLength=10000
CreatePartyRequest.name maxLength=1000
CreatePartyRequest.status maxLength=1000
CreatePartyRequest.tableIds maxItems=200
CreateReservationRequest.guestRequests maxLength=10000
CreateReservationRequest.hostNotes maxLength=10000
CreateReservationRequest.name maxLength=1000
CreateReservationRequest.tableIds maxItems=200
Cursor.after maxLength=10000
Cursor.before maxLength=10000
Customer.id maxLength=1000
Customer.name maxLength=1000
CustomerInput.id maxLength=1000
CustomerInput.name maxLength=1000
Discount.affectedPlu maxLength=1000
Discount.code maxLength=1000
Discount.discountReference maxLength=1000
Discount.name maxLength=1000
DiscountInput.affectedPlu maxLength=1000
DiscountInput.code maxLength=1000
DiscountInput.discountReference maxLength=1000
DiscountInput.name maxLength=1000
Modifier.name maxLength=1000
Modifier.plu maxLength=1000
OrderItem.modifiers maxItems=2000
OrderItem.name maxLength=1000
OrderItem.note maxLength=10000
OrderItem.plu maxLength=1000
OrderItem.subItems maxItems=2000
OrderSubItem.modifiers maxItems=2000
OrderSubItem.name maxLength=1000
OrderSubItem.note maxLength=10000
OrderSubItem.plu maxLength=1000
PartyDepositInput.description maxLength=1000
PartyDepositInput.paymentIntentIds maxItems=100
TaxLine.affectedPlu maxLength=1000
UpdatePartyRequest.guestRequests maxLength=10000
UpdatePartyRequest.hostNotes maxLength=10000
UpdatePartyRequest.name maxLength=1000
UpdatePartyRequest.status maxLength=1000
UpdatePartyRequest.tableIds maxItems=200
UpdateReservationRequest.guestRequests maxLength=10000
UpdateReservationRequest.hostNotes maxLength=10000
UpdateReservationRequest.name maxLength=1000
UpdateReservationRequest.tableIds maxItems=200
""",
    "GBP or EUR, as the description of the property says": """
Money.currencyCode enum=["GBP","EUR"]
Money.currencyCode without maxLength=10
Money.currencyCode without minLength=1
""",
    "int32, said in bounds": """
Table.maxCovers maximum=2147483647
Table.maxCovers minimum=-2147483648
Table.maxCovers without format="int32"
""",
    "the published minLength of a list means minItems": """
CreatePartyRequest.tableIds minItems=1
CreatePartyRequest.tableIds without minLength=1
CreateReservationRequest.tableIds minItems=1
CreateReservationRequest.tableIds without minLength=1
Reservation.tableIds minItems=1
Reservation.tableIds without minLength=1
UpdateReservationRequest.tableIds minItems=1
UpdateReservationRequest.tableIds without minLength=1
""",
    "some terminals send a waiter in the bodies of locks, and perhaps more": r"""
CreateOrderLockRequest without additionalProperties=false
CreateOrderLockRequest.waiterId exists
CreateOrderLockRequest.waiterId|1 maxLength=200
CreateOrderLockRequest.waiterId|1 pattern="^[^\\x00-\\x1f\\x7f-\\x9f]*$"
CreateOrderLockRequest.waiterId|1 type="string"
CreateOrderLockRequest.waiterId|2 exclusiveMaximum=9223372036854775808
CreateOrderLockRequest.waiterId|2 minimum=-9223372036854775808
CreateOrderLockRequest.waiterId|2 type="integer"
ExtendOrderLockRequest without additionalProperties=false
ExtendOrderLockRequest.waiterId exists
ExtendOrderLockRequest.waiterId|1 maxLength=200
ExtendOrderLockRequest.waiterId|1 pattern="^[^\\x00-\\x1f\\x7f-\\x9f]*$"
ExtendOrderLockRequest.waiterId|1 type="string"
ExtendOrderLockRequest.waiterId|2 exclusiveMaximum=9223372036854775808
ExtendOrderLockRequest.waiterId|2 minimum=-9223372036854775808
ExtendOrderLockRequest.waiterId|2 type="integer"
""",
    "open content: unknown properties are kept and answered again": """
Discount additionalProperties=true
DiscountInput additionalProperties=true
Modifier additionalProperties=true
OrderItem additionalProperties=true
OrderSubItem additionalProperties=true
""",
    "the AsyncAPI document requires it, and a page always has it": """
PagedOrdersResponse.data required
PagedPartiesResponse.data required
PagedReservationsResponse.data required
PagedTablesResponse.data required
""",
    "the published schema has properties and forgets to say that it is an object": """
CreatePartyRequest type="object"
CreateReservationRequest type="object"
PartyDeposit type="object"
PartyDepositInput type="object"
""",
    "the reference beside it says that already": """
OrderBill.footer without type="object"
OrderBill.header without type="object"
OrderBill.order without type="object"
""",
    "before and after together are refused; a limit is at least 1": """
Cursor not={"required":["before","after"]}
Cursor.limit minimum=1
""",
    "tolerated: the page's sample of CreateOrder has details with only orderType": """
OrderDetailsInput|1.dineIn without required
OrderDetailsInput|2.collection without required
""",
    "tolerated: the page's sample of CreateOrder has a payment without paymentIntentId": """
PaymentInput.paymentIntentId without required
""",
    "tolerated: the published example of a phone number is a number": """
CustomerInput.phoneNumber|1 form=text
CustomerInput.phoneNumber|1 maxLength=50
CustomerInput.phoneNumber|1 type="string"
CustomerInput.phoneNumber|2 exclusiveMaximum=9223372036854775808
CustomerInput.phoneNumber|2 minimum=0
CustomerInput.phoneNumber|2 type="integer"
CustomerInput.phoneNumber without maxLength=50
CustomerInput.phoneNumber without type="string"
""",
    "tolerated: the published example has discounts in an older shape": """
DiscountInput.amount|1 type="integer"
DiscountInput.amount|2 type="object"
DiscountInput.amount exists
DiscountInput.amountTotal without required
DiscountInput.name without required
""",
    "tolerated: the published example has collectionTime for collectAt": """
CollectionDetailsInput.collectionTime exists
CollectionDetailsInput.collectionTime format="date-time"
CollectionDetailsInput.collectionTime type="string"
""",
    "tolerated: the published example of a deposit has no paymentIntentIds": """
PartyDepositInput.paymentIntentIds without required
""",
}

DEVIATIONS = {
    deviation: reason
    for reason, deviations in _BY_REASON.items()
    for deviation in deviations.strip().splitlines()
}
