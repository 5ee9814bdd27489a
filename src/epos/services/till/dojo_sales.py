"""Dojo's orders in the report of a day: what they came to, their VAT, and prices unlike the menu's."""

from collections.abc import Iterator, Mapping, Sequence

from epos.store.statements import Record
from epos.till_contract.days import DojoSales, DojoVat, OrderPriceDifference, PriceDifferences

Rows = Mapping[str, Sequence[Record]]
"""The day's entries of the journal, summed, by their kind."""


def dojo_sales(rows: Rows, other_prices: Sequence[Record]) -> DojoSales:
    orders = rows.get("order", ())
    unknown = sum(row["amount"] for row in rows.get("derived", ()) if row["vat_rate"] is None)
    return DojoSales.model_construct(
        orders=sum(row["count"] for row in orders),
        amount=sum(row["amount"] for row in orders),
        vat=[
            *(
                DojoVat.model_construct(vatRate=row["vat_rate"], vat=row["amount"])
                for row in rows.get("order_vat", ())
            ),
            *_derived(rows),
        ],
        unknownVat=unknown or None,
        priceDifferences=_price_differences(other_prices),
    )


def _derived(rows: Rows) -> Iterator[DojoVat]:
    """Highest rate first."""
    gross, vat = (
        {row["vat_rate"]: row["amount"] for row in rows.get(kind, ())}
        for kind in ("derived", "derived_vat")
    )
    for rate in sorted({*gross, *vat} - {None}, reverse=True):
        yield DojoVat.model_construct(
            vatRate=rate, vat=vat.get(rate, 0), derived=True, gross=gross.get(rate, 0)
        )


def _price_differences(rows: Sequence[Record]) -> PriceDifferences | None:
    if not rows:
        return None
    return PriceDifferences.model_construct(
        count=rows[0]["how_many"],
        differences=[
            OrderPriceDifference.model_construct(
                tabId=row["id"],
                reference=row["reference"],
                plu=row["plu"],
                name=row["name"],
                count=row["count"],
                price=row["price"],
                menuPrice=row["menu_price"],
            )
            for row in rows
        ],
    )
