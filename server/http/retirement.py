"""What a program is told in headers when it asks for a model that is gone.

`Deprecation` (RFC 9745) and `Sunset` (RFC 8594) carry the day; `Link` says where the models' lifecycles
stand, and who takes over.
"""

from datetime import UTC, datetime, time
from email.utils import format_datetime

from tools.domain.models import VideoModel


def about_retired(model: VideoModel, *, models_url: str) -> dict[str, str]:
    """Empty for a model that lives. A retired one whose day nobody knows has links alone."""
    if not model.is_retired:
        return {}
    life = model.lifecycle
    links = [f'<{models_url}>; rel="deprecation"; type="application/json"']
    links += [f'<{models_url}#{key}>; rel="successor-version"' for key in life.replacements[:1]]
    headers = {"Link": ", ".join(links)}
    if (day := life.retired_on or life.gone_by) is not None:
        moment = datetime.combine(day, time(), UTC)
        headers["Deprecation"] = f"@{int(moment.timestamp())}"
        headers["Sunset"] = format_datetime(moment, usegmt=True)
    return headers
