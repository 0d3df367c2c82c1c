"""Who comes in: a JWT becomes a Principal, the same way for both doors.

The algorithm belongs to the key that the operator set up, never to the token: HS256 for a secret that
is shared (`secret`), RS256 or ES256 for keys that an issuer publishes (`published`).
"""

from server.auth.doorkeeper import Doorkeeper, Keys, VerifyingKey
from server.auth.principal import Principal
from server.auth.secret import GUEST, SharedSecret, TokenMaker, own_secret

__all__ = [
    "GUEST",
    "Doorkeeper",
    "Keys",
    "Principal",
    "SharedSecret",
    "TokenMaker",
    "VerifyingKey",
    "own_secret",
]
