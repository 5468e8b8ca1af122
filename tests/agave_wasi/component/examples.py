"""Two components in text: CALC exports functions and a resource with a destructor, USER imports all of it."""

from pathlib import Path

CALC = Path(__file__).with_name("calc.wat")
USER = Path(__file__).with_name("user.wat")
