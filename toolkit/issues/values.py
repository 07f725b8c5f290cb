"""Values that nobody changes, made by the hundred for every workbook: cells, answers, places, issues."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dataclasses import dataclass as value_class
else:
    from dataclasses import dataclass

    def value_class(*, frozen: bool, slots: bool):
        """Return the decorator of a class that mypy keeps frozen and that is quick to make.

        A dataclass frozen at run time sets each field through `object.__setattr__`: that takes four times as
        long, and was a tenth of checking a workbook. A class may bring a quicker hash of its own.
        """

        def made(cls):
            return dataclass(slots=slots, unsafe_hash=frozen and "__hash__" not in vars(cls))(cls)

        return made


__all__ = ["value_class"]
