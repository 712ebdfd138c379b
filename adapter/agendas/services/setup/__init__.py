"""Setting agendas up: every rule of the settings pages is behind these names.

Each service is one transaction that moves the versions of what it changes, takes the time as ``now`` and who acts as
``actor``, and writes the audit log. Refusals are ``InvalidPayload``: sentences by field, ``__all__`` for the rest.
"""

from adapter.agendas.services.setup.agendas import (
    change_agenda,
    create_agenda,
    delete_agenda,
    duplicate_agenda,
    reasons_against_deleting,
    reasons_against_renaming,
    rename_agenda,
    set_members,
)
from adapter.agendas.services.setup.booking import (
    BookingSettings,
    checked,
    field_identifier,
    form_name,
    normalised,
    set_backoffice_booking,
)
from adapter.agendas.services.setup.lifecycle import Lifecycle, change_lifecycle
from adapter.agendas.services.setup.matching import Matching, Mismatch, match_members
from adapter.agendas.services.setup.periods import (
    Times,
    add_excluded_periods,
    add_openings,
    change_excluded_period,
    change_opening,
    copy_openings,
    delete_excluded_period,
    delete_openings,
)
from adapter.agendas.services.setup.places import (
    add_desk,
    add_meeting_type,
    change_desk,
    change_meeting_type,
    delete_desk,
    delete_meeting_type,
    move,
    reasons_to_keep_place,
    slug_is_fixed,
)
from adapter.agendas.services.setup.planning import PlanChanged, import_as_planned, plan_of
from adapter.agendas.services.uses import virtual_agendas_of

__all__ = [
    "BookingSettings",
    "checked",
    "Lifecycle",
    "Matching",
    "Mismatch",
    "PlanChanged",
    "Times",
    "add_desk",
    "add_excluded_periods",
    "add_meeting_type",
    "add_openings",
    "change_agenda",
    "change_desk",
    "change_excluded_period",
    "change_lifecycle",
    "change_meeting_type",
    "change_opening",
    "copy_openings",
    "create_agenda",
    "delete_agenda",
    "delete_desk",
    "delete_excluded_period",
    "delete_meeting_type",
    "delete_openings",
    "duplicate_agenda",
    "field_identifier",
    "form_name",
    "import_as_planned",
    "match_members",
    "move",
    "normalised",
    "plan_of",
    "reasons_against_deleting",
    "reasons_against_renaming",
    "reasons_to_keep_place",
    "rename_agenda",
    "set_backoffice_booking",
    "set_members",
    "slug_is_fixed",
    "virtual_agendas_of",
]
