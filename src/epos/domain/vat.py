"""VAT, which is a part of every price and never added to one."""

from epos.domain.splits import WHOLE, half_up


def vat_in(gross: int, rate: int) -> int:
    """The VAT in a gross amount, half up; `rate` in hundredths of a percent. A refund's undoes a sale's."""
    return half_up(gross * rate, WHOLE + rate)
