"""Vouchers and gift cards."""

from typing import Annotated

from fastapi import APIRouter, Path

from epos.contract.base import Id
from epos.till.parameters import TheServices
from epos.till.route import TillRoute
from epos.till_contract.vouchers import SellVoucher, Voucher
from epos.web.contract_route import refusals
from epos.web.requester import TillRequester

router = APIRouter(prefix="/vouchers", tags=["Money"], route_class=TillRoute)
Code = Annotated[Id, Path(description="The code of the voucher.")]


@router.post(
    "", name="sell-voucher", summary="Sell a voucher or gift card", responses=refusals(409)
)
async def sell_voucher(
    request: SellVoucher, requester: TillRequester, services: TheServices
) -> Voucher:
    return await services.vouchers.sell(request, requester)


@router.get("/{code}", name="get-voucher", summary="What a voucher is still worth")
async def get_voucher(code: Code, requester: TillRequester, services: TheServices) -> Voucher:
    return await services.vouchers.get(code, requester)
