"""The printed bill: our sections above and below the order."""

from enum import StrEnum
from typing import Literal

from pydantic import Field, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from epos.contract.base import Answer, AsStored
from epos.contract.orders import Order


class Align(StrEnum):
    """Where a line stands on the paper."""

    Center = "Center"
    Left = "Left"
    Right = "Right"


class Size(StrEnum):
    """How large a text is printed."""

    Body = "Body"
    Header1 = "Header1"
    Header2 = "Header2"


class BillLineType(StrEnum):
    """Which member of a line is filled."""

    Image = "Image"
    Logo = "Logo"
    MerchantAddress = "MerchantAddress"
    MerchantEmailAddress = "MerchantEmailAddress"
    MerchantName = "MerchantName"
    MerchantPhoneNumber = "MerchantPhoneNumber"
    Text = "Text"
    URL = "URL"
    HorizontalLine = "HorizontalLine"
    TaxNumber = "TaxNumber"


class BillImage(Answer):
    """A picture where it stands."""

    svgImage: str
    align: AsStored[Align] | None = None


class BillLogo(Answer):
    """A picture that the terminal prints at the top, wherever it stands."""

    svgImage: str


class BillMerchantAddress(Answer):
    """Formatted by the terminal."""

    addressLines: list[str]
    postcode: str


class BillMerchantEmailAddress(Answer):
    """Formatted by the terminal."""

    emailAddress: str


class BillMerchantName(Answer):
    """Formatted by the terminal."""

    name: str


class BillMerchantPhoneNumber(Answer):
    """Formatted by the terminal."""

    phoneNumber: str


class BillText(Answer):
    """A line of text."""

    value: str
    size: AsStored[Size]
    align: AsStored[Align] | None = None
    bold: bool | None = None


class BillURL(Answer):
    """A link, as a QR code or in words."""

    url: str
    description: str | None = None
    # The AsyncAPI document spells these two otherwise; an alias here is its spelling (`to_wire`).
    showQr: bool | None = Field(default=None, serialization_alias="showQR")
    showUrl: bool | None = Field(default=None, serialization_alias="showURL")


class BillHorizontalLine(Answer):
    """A rule across the paper."""

    line: Literal["Single", "Double"] | None = None


class BillTaxNumber(Answer):
    """Printed at the bottom by the terminal."""

    name: str
    number: str


class BillLine(Answer):
    """One line: `lineType`, and the member that it names."""

    lineType: AsStored[BillLineType]
    image: BillImage | None = None
    logo: BillLogo | None = None
    merchantAddress: BillMerchantAddress | None = None
    merchantEmailAddress: BillMerchantEmailAddress | None = None
    merchantName: BillMerchantName | None = None
    merchantPhoneNumber: BillMerchantPhoneNumber | None = None
    text: BillText | None = None
    url: BillURL | None = None
    horizontalLine: BillHorizontalLine | None = None
    taxNumber: BillTaxNumber | None = None

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        json_schema = handler(schema)
        members = [name for name in cls.model_fields if name != "lineType"]
        handler.resolve_ref_schema(json_schema)["anyOf"] = [
            {"required": [name]} for name in members
        ]
        return json_schema


class BillSection(Answer):
    """The lines above or below the order."""

    lines: list[BillLine]


class OrderBill(Answer):
    """A printable bill: the terminal prints the lines of the order between the sections."""

    header: BillSection
    order: Order
    footer: BillSection
