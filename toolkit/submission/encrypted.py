"""Open a workbook with a password, when the collection gives the right one."""

from __future__ import annotations

import io
from collections.abc import Sequence

from toolkit.submission.guard import SourceError

# Excel's own: it opens such files without asking, so their clerk does not know that they have a password.
_DEFAULT = "VelvetSweatshop"


def unlocked(data: bytes, passwords: Sequence[str]) -> bytes:
    """Return the workbook inside an encrypted OLE container; F02 when no password fits.

    The library is loaded here, as next to no collection needs it. It meets bytes nobody has looked at, so
    whatever it throws is a refusal; a file that keeps it busy for ever is ended with its worker.
    """
    import msoffcrypto
    from msoffcrypto.exceptions import InvalidKeyError

    for password in (_DEFAULT, *passwords):
        plain = io.BytesIO()
        try:
            file = msoffcrypto.OfficeFile(io.BytesIO(data))
            try:
                file.load_key(password=password, verify_password=True)
            except TypeError:  # the binary formats always verify, and do not take the word
                file.load_key(password=password)
            file.decrypt(plain)
        except InvalidKeyError:
            continue
        except Exception as error:
            if not passwords:
                continue  # whatever it is encrypted with, a password is what is lacking
            detail = f"{type(error).__name__}: {error}"
            raise SourceError("F02", "unknown encryption", detail) from error
        return plain.getvalue()
    raise SourceError("F02", "password", str(len(passwords)))
