"""The printed bill: the order, and sections above and below it."""

from enum import StrEnum
from typing import Literal

from pydantic import Field, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from epos.contract.base import Answer, AsStored
from epos.contract.orders import Order


class Align(StrEnum):
    """Where on its line something is printed."""

    Center = "Center"
    Left = "Left"
    Right = "Right"


class Size(StrEnum):
    """How large a text is printed. `Header1` is the largest, `Body` the smallest."""

    Body = "Body"
    Header1 = "Header1"
    Header2 = "Header2"


class BillLineType(StrEnum):
    """What a line contains. The line has the property of the same name, in camel case."""

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
    """A picture, printed at its place among the lines."""

    svgImage: str
    """The picture as SVG."""
    align: AsStored[Align] | None = None
    """Where on its line the picture is printed."""


class BillLogo(Answer):
    """A picture that the terminal prints at the top of the bill, wherever the line is."""

    svgImage: str
    """The picture as SVG."""


class BillMerchantAddress(Answer):
    """The venue's address. The terminal formats it."""

    addressLines: list[str]
    """The address without the postcode, line by line."""
    postcode: str
    """The postcode."""


class BillMerchantEmailAddress(Answer):
    """The venue's email address. The terminal formats it."""

    emailAddress: str
    """The email address."""


class BillMerchantName(Answer):
    """The venue's name. The terminal formats it."""

    name: str
    """The name."""


class BillMerchantPhoneNumber(Answer):
    """The venue's telephone number. The terminal formats it."""

    phoneNumber: str
    """The telephone number."""


class BillText(Answer):
    """A line of text."""

    value: str
    """The text. A line has room for 32 characters of size `Body`, 24 of `Header2`, 16 of `Header1`."""
    size: AsStored[Size]
    """How large the text is printed."""
    align: AsStored[Align] | None = None
    """Where on its line the text is printed."""
    bold: bool | None = None
    """Whether the text is bold."""


class BillURL(Answer):
    """A link, printed as a QR code, as text or both."""

    url: str
    """The link."""
    description: str | None = None
    """A text for people, printed with the link."""
    # The AsyncAPI document spells these two differently; the alias is its spelling (`to_wire`).
    showQr: bool | None = Field(default=None, serialization_alias="showQR")
    """Whether the link is printed as a QR code."""
    showUrl: bool | None = Field(default=None, serialization_alias="showURL")
    """Whether the link is printed as text."""

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """REST's spelling, which the OpenAPI document describes."""
        described = handler.resolve_ref_schema(handler(schema))
        spelled = {field.serialization_alias: name for name, field in cls.model_fields.items()}
        properties = described["properties"].items()
        described["properties"] = {spelled.get(name, name): value for name, value in properties}
        return described


class BillHorizontalLine(Answer):
    """A rule across the paper."""

    line: Literal["Single", "Double"] | None = None
    """How the rule is drawn: one line or two."""


class BillTaxNumber(Answer):
    """The venue's tax number. The terminal prints it at the bottom of the bill."""

    name: str
    """The name of the tax, such as VAT."""
    number: str
    """The tax number."""


class BillLine(Answer):
    """One line of a bill: `lineType`, and the property that it names."""

    lineType: AsStored[BillLineType]
    """Which of the other properties the line has."""
    image: BillImage | None = None
    """The picture of a line of type `Image`."""
    logo: BillLogo | None = None
    """The picture of a line of type `Logo`."""
    merchantAddress: BillMerchantAddress | None = None
    """The address of a line of type `MerchantAddress`."""
    merchantEmailAddress: BillMerchantEmailAddress | None = None
    """The email address of a line of type `MerchantEmailAddress`."""
    merchantName: BillMerchantName | None = None
    """The name of a line of type `MerchantName`."""
    merchantPhoneNumber: BillMerchantPhoneNumber | None = None
    """The telephone number of a line of type `MerchantPhoneNumber`."""
    text: BillText | None = None
    """The text of a line of type `Text`."""
    url: BillURL | None = None
    """The link of a line of type `URL`."""
    horizontalLine: BillHorizontalLine | None = None
    """The rule of a line of type `HorizontalLine`."""
    taxNumber: BillTaxNumber | None = None
    """The tax number of a line of type `TaxNumber`."""

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
    """The lines, from top to bottom."""


class OrderBill(Answer):
    """A bill to print. The terminal prints the lines of the order between the two sections."""

    header: BillSection
    """What is printed above the lines of the order."""
    order: Order
    """The order, as GetOrderById answers it."""
    footer: BillSection
    """What is printed below the lines of the order."""
