"""The parameters of actions and triggers by type, as far as the import reads them (wcs-xml.md §6)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Parameters:
    """Children that are texts, booleans, and lists of roles."""

    texts: frozenset[str] = frozenset()
    booleans: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()


def _p(texts: str = "", booleans: str = "", roles: str = "") -> Parameters:
    return Parameters(frozenset(texts.split()), frozenset(booleans.split()), frozenset(roles.split()))


ACTIONS: dict[str, Parameters] = {
    "addattachment": _p(
        "title button_label hint varname backoffice_filefield_id max_file_size backoffice_info_text",
        "display_title display_button required attach_to_history allow_portfolio_picking push_to_portfolio",
        "by",
    ),
    "add_role": _p(),
    "aggregationemail": _p(roles="to"),
    "anonymise": _p("mode"),
    "assign_carddata": _p("formdef_slug target_mode target_id user_association_mode user_association_template"),
    "choice": _p(
        "label status backoffice_info_text confirmation_text identifier",
        "set_marker_on_status require_confirmation ignore_form_errors",
        "by",
    ),
    "commentable": _p("label button_label hint varname backoffice_info_text", "required", "by"),
    "create_carddata": _p(
        "action_label formdef_slug user_association_mode user_association_template varname", "map_fields_by_varname"
    ),
    "create_formdata": _p(
        "action_label formdef_slug user_association_mode user_association_template varname draft_edit_operation_mode",
        "map_fields_by_varname draft backoffice_submission keep_submission_context attach_to_history",
    ),
    "dispatch": _p("role_key dispatch_type variable operation_mode"),
    "displaymsg": _p("message level position", roles="to"),
    "edit_carddata": _p("action_label formdef_slug target_mode target_id"),
    "editable": _p(
        "status label backoffice_info_text operation_mode page_identifier identifier", "set_marker_on_status", "by"
    ),
    "export_to_model": _p(
        "label method model_file_mode model_file_template varname backoffice_filefield_id filename "
        "backoffice_info_text",
        "convert_to_pdf attach_to_history push_to_portfolio",
        "by",
    ),
    "external_workflow_global_action": _p("slug trigger_id target_mode target_id"),
    "form": _p("varname", "hide_submit_button include_in_form_history", "by"),
    "geolocate": _p("method address_string map_variable photo_variable", "overwrite"),
    "jump": _p("status mode trigger timeout identifier", "set_marker_on_status", "by"),
    "jumponsubmit": _p("status", "set_marker_on_status"),
    "modify_criticality": _p("mode absolute_value"),
    "notification": _p("users_template title body origin target_url", roles="to"),
    "redirect_to_url": _p("url"),
    "register-comment": _p("comment comment_template level", roles="to"),
    "remove": _p(),
    "remove_role": _p(),
    "remove_tracking_code": _p(booleans="replace"),
    "resubmit": _p("formdef_slug label backoffice_info_text", roles="by"),
    "sendmail": _p("mail_template subject body varname custom_from", roles="to"),
    "sendsms": _p("to_mode body counter_name"),
    "set-backoffice-fields": _p("label"),
    "update_user_profile": _p(),
    "webservice_call": _p(
        "label method url response_type varname request_signature_key backoffice_filefield_id action_on_app_error "
        "action_on_4xx action_on_5xx action_on_bad_data action_on_network_errors",
        "post store_all_responses attach_file_to_history record_errors record_on_errors notify_on_errors "
        "set_marker_on_status",
    ),
}
#: In a global action a jump reads no more than these (wcs-xml.md §6).
GLOBAL_JUMP = _p("status identifier", "set_marker_on_status")

TRIGGERS: dict[str, Parameters] = {
    "manual": _p("confirmation_text", "allow_as_mass_action require_confirmation", "roles"),
    "timeout": _p("anchor anchor_expression anchor_template anchor_status_first anchor_status_latest timeout"),
    "webservice": _p("identifier", roles="roles"),
}


def parameters_of(action_type: str, in_global_action: bool) -> Parameters:
    """What the import reads of an action of a known type."""
    return GLOBAL_JUMP if action_type == "jump" and in_global_action else ACTIONS[action_type]
