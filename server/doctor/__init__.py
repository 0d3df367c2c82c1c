"""`reelroom doctor`: whether everything that a start relies on is there.

Only what is looked at is opened, so that the doctor may come while a server runs in the same folder.
"""

from server.doctor.looking import examine
from server.doctor.patient import examined_provider, patient_for
from server.doctor.schemas import examine_models, recall_findings
from server.doctor.telling import Observation, as_json, as_table, is_healthy

__all__ = [
    "Observation",
    "as_json",
    "as_table",
    "examine",
    "examine_models",
    "examined_provider",
    "is_healthy",
    "patient_for",
    "recall_findings",
]
