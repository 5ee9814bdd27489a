"""What the codec says of a field that breaks a rule: tests name the rule, its text stands here."""

REQUIRED = "is required"
UNKNOWN = "is not a property of this object"
FLAG = "must be true or false"
TIME = "must be an RFC 3339"
NOT_SENT = "must not be sent"
NOT_EMPTY = "must not be empty"
LIST = "must be a list"
CLOCK = "must be a time of day such as 04:00"
WORD = "must be 1 to 40 of a-z and 0-9"
TIME_ZONE = "must be a time zone such as Europe/London"


def whole_number(least: int, most: int | None = None) -> str:
    return f"must be a whole number between {least} and {'' if most is None else most}"


def text(least: int, most: int) -> str:
    return f"must be text of {least} to {most} characters"


def text_up_to(most: int) -> str:
    return f"must be text of at most {most} characters"


def elements_up_to(most: int) -> str:
    return f"must have at most {most} elements"


def one_of(*values: str) -> str:
    return f"must be {' or '.join(values)}"
