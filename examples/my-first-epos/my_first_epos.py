"""An EPOS for Pay at Table, in memory. It has gaps on purpose: `epos check` finds them."""

import secrets
from datetime import UTC, datetime
from itertools import count
from typing import Annotated, Any, Literal

from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.responses import JSONResponse
from fastapi.security import HTTPBasic, HTTPBasicCredentials
from pydantic import BaseModel, ConfigDict, Field

Json = dict[str, Any]
USERNAME, PASSWORD = "first", "first"


class Refused(Exception):
    """A refusal that Dojo understands: on a Conflict it gives the money back."""

    def __init__(self, status: int, kind: str, why: str) -> None:
        self.status, self.kind, self.why = status, kind, why


def authenticate(given: Annotated[HTTPBasicCredentials, Depends(HTTPBasic())]) -> None:
    right = secrets.compare_digest(given.password.encode(), PASSWORD.encode())
    if not right or given.username != USERNAME:
        raise HTTPException(401, headers={"WWW-Authenticate": "Basic"})


app = FastAPI(title="My first EPOS", dependencies=[Depends(authenticate)])


@app.exception_handler(Refused)
async def refuse(_: Request, refused: Refused) -> JSONResponse:
    error = {
        "errorType": refused.kind,
        "debugMessage": refused.why,
        "traceId": secrets.token_hex(8),
    }
    return JSONResponse(error, refused.status)


# --- what Dojo sends ------------------------------------------------------------------------------


class Money(BaseModel):
    model_config = ConfigDict(strict=True)

    value: int = Field(ge=0)
    currencyCode: Literal["GBP", "EUR"]


class Payment(BaseModel):
    paymentIntentId: str
    paidAmount: Money
    tipsAmount: Money | None = None


class Details(BaseModel):
    orderType: Literal["DineIn", "Collection"]
    dineIn: Json | None = None
    collection: Json | None = None


class NewOrder(BaseModel):
    dojoOrderId: str
    items: list[Json]
    totalAmount: Money
    details: Details
    payments: list[Payment]


class Search(BaseModel):
    payableOnly: bool = False
    dineIn: Json = Field(default_factory=dict)
    # Gap: `cursor` is ignored. Every page is the whole list.


class TableSearch(BaseModel):
    areaId: str | None = None


# --- what this EPOS remembers ---------------------------------------------------------------------

AREAS = [{"id": "main", "name": "Main room"}]
TABLES = [{"id": f"t{n}", "name": f"Table {n}", "areaId": "main"} for n in range(1, 6)]
ORDERS: dict[str, Json] = {}
NUMBERS = count(1)


def find(order_id: str) -> Json:
    if order_id not in ORDERS:
        # Gap: FastAPI's own error is no EPOSError. It should be Refused(404, "NotFound", ...).
        raise HTTPException(404, "Order not found")
    return ORDERS[order_id]


def refresh(order: Json) -> Json:
    """Bring the sums of an order up to date."""
    currency = order["totalAmount"]["currencyCode"]
    payments = order["payments"]
    paid = sum(one["paidAmount"]["value"] for one in payments)
    tips = sum(one["tipsAmount"]["value"] for one in payments if "tipsAmount" in one)
    order["paidAmount"] = {"value": paid, "currencyCode": currency}
    order["tipsAmount"] = {"value": tips, "currencyCode": currency}
    order["payable"] = order["status"] != "Canceled" and paid < order["totalAmount"]["value"]
    return order


# --- what Dojo asks -------------------------------------------------------------------------------


@app.get("/v1/areas")
async def list_areas() -> list[Json]:
    return AREAS


@app.post("/v1/tables/search")
async def search_tables(search: TableSearch) -> list[Json]:
    return [{"data": [one for one in TABLES if search.areaId in {None, one["areaId"]}]}]


@app.post("/v1/orders")
async def create_order(new: NewOrder) -> Json:
    # Gap: the same `dojoOrderId` again makes a second order.
    order = new.model_dump(exclude_none=True, exclude={"dojoOrderId"})
    order |= {"id": f"order-{next(NUMBERS)}", "status": "Accepted"}
    order["createdAt"] = datetime.now(UTC).isoformat(timespec="milliseconds")
    ORDERS[order["id"]] = order
    return refresh(order)


@app.post("/v1/orders/search")
async def search_orders(search: Search) -> Json:
    rows = [one for one in ORDERS.values() if one["payable"] or not search.payableOnly]
    if table := search.dineIn.get("tableId"):
        rows = [one for one in rows if one["details"].get("dineIn", {}).get("tableId") == table]
    return {"data": list(reversed(rows))}


@app.get("/v1/orders/{order_id}")
async def get_order(order_id: str) -> Json:
    return find(order_id)


@app.delete("/v1/orders/{order_id}")
async def cancel_order(order_id: str) -> Json:
    order = find(order_id)
    order["status"] = "Canceled"
    return refresh(order)


@app.post("/v1/orders/{order_id}/record-payment")
async def record_payment(order_id: str, payment: Payment) -> Json:
    order = find(order_id)
    if order["status"] == "Canceled":
        raise Refused(409, "Conflict", "the order is canceled")
    # Gap: the same `paymentIntentId` again is counted again, and nobody looks at what is left to pay.
    order["payments"].append(payment.model_dump(exclude_none=True))
    return refresh(order)
