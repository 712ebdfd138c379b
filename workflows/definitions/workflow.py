"""The workflow: book, tell every outcome, choose again, move, cancel, keep or miss the appointment."""

from __future__ import annotations

from copy import deepcopy

from workflows import builder as b
from workflows.bookable import LOCK_CODE, sent_token
from workflows.reader import Node

from . import names as n
from .form import slot_choice
from .texts import Texts

SUBMITTER, AGENTS = "_submitter", "_receiver"
BOTH = (SUBMITTER, AGENTS)
#: The code that the form kept first: these actions also run outside the submitter's session.
KEPT_CODE = (
    f"{{% if form_var_{n.LOCK_CODE_FIELD} %}}{{{{ form_var_{n.LOCK_CODE_FIELD} }}}}{{% else %}}{LOCK_CODE}{{% endif %}}"
)
TEN_MINUTES = "600"
FIELDS = {"field-date": n.DATE, "field-desk": n.DESK, "field-number": n.NUMBER}
OUTCOME = f"{n.RESERVATION}_response_outcome"
ANSWERED = f"form_workflow_data_{n.RESERVATION}_status"


def workflow(texts: Texts) -> Node:
    """All statuses and global actions."""
    return b.workflow(
        texts["workflow"],
        [*_booking(texts), *_outcomes(texts), *_troubles(texts), *_moving(texts), *_cancelling(texts), *_ends(texts)],
        slug=n.WORKFLOW,
        functions={AGENTS: texts["receiver"]},
        global_actions=_hooks(texts),
        backoffice_fields=[
            b.text_field(texts[label], varname, id=field_id, required=False)
            for label, (field_id, varname) in FIELDS.items()
        ],
    )


def _body() -> dict[str, str]:
    hooks = "{{ form_api_url }}hooks/"
    return {
        "lock_code": KEPT_CODE,
        "lock_token": sent_token(),
        "confirm_after_lock": "true",
        "label": f"{{{{ form_var_{n.MEETING_TYPE} }}}}",
        "user_display_label": f"{{{{ form_name }}}} – {{{{ form_var_{n.MEETING_TYPE} }}}}",
        "user_first_name": "{{ form_var_prenom }}",
        "user_last_name": "{{ form_var_nom }}",
        "user_email": "{{ form_var_email }}",
        "user_phone_number": '{{ form_var_telephone|default_if_none:"" }}',
        "user_external_id": '{{ form_user_nameid|default_if_none:"" }}',
        "form_url": "{{ form_url }}",
        "backoffice_url": "{{ form_url_backoffice }}",
        "cancel_callback_url": f"{hooks}{n.HOOK_CANCELLED}/",
        "presence_callback_url": f"{hooks}{n.HOOK_PRESENCE}/",
        "absence_callback_url": f"{hooks}{n.HOOK_ABSENCE}/",
    }


def _keep(texts: Texts) -> Node:
    """What agents look for in lists, and mails tell."""
    answer = f"{n.RESERVATION}_response"
    return b.set_backoffice_fields(
        texts["keep"],
        {
            n.DATE[0]: texts["date-said"].replace("DATETIME", f"{answer}_datetime"),
            n.DESK[0]: f"{{{{ {answer}_desk_label }}}}",
            n.NUMBER[0]: f"{{{{ {answer}_booking_id }}}}",
        },
    )


def _booking(texts: Texts) -> list[Node]:
    errors = b.OnErrors(n.LOST, n.REFUSED, n.UNAVAILABLE, n.UNREADABLE, n.UNAVAILABLE)
    # Chosen again after the first slot was lost, else as in the form.
    chosen, first = f"{n.ANOTHER}_var_{n.SLOT}_api_fillslot_url", f"form_var_{n.SLOT}_api_fillslot_url"
    url = f"{{% firstof {chosen} {first} %}}"
    book = b.webservice_call(texts["book-action"], url, n.RESERVATION, errors, post_data=_body())
    return [
        b.status(n.NEW, texts["new"], [b.jump(n.BOOKING)]),
        b.status(
            n.BOOKING,
            texts["booking"],
            [
                # A slot that vanished while an agent's form lay open comes without an address (wcs-runtime.md §6.4).
                b.jump(n.LOST, when=f"not {chosen} and not {first}"),
                book,
                b.jump(n.RECAPTURED, when=f'{OUTCOME} == "recaptured"'),
                b.jump(n.ALREADY, when=f'{OUTCOME} == "already_confirmed"'),
                b.jump(n.CONFIRMED),
            ],
        ),
    ]


def _outcomes(texts: Texts) -> list[Node]:
    mail = b.send_mail([SUBMITTER], template=n.MAIL_BOOKED)
    choices = [
        b.choice(texts["choose"], n.MOVING, BOTH, identifier="deplacer"),
        b.choice(texts["cancel"], n.CANCELLING, BOTH, confirm=texts["cancel-question"], identifier="annuler"),
        b.choice(texts["mark-done"], n.DONE, [AGENTS], identifier="honore"),
        b.choice(texts["mark-no-show"], n.NO_SHOW, [AGENTS], identifier="absent"),
    ]
    return [
        b.status(n.CONFIRMED, texts["confirmed"], [_keep(texts), mail, b.jump(n.BOOKED)]),
        # A repeat of the same booking: whoever came first has told the citizen.
        b.status(n.ALREADY, texts["already"], [_keep(texts), b.jump(n.BOOKED)]),
        b.status(
            n.RECAPTURED,
            texts["recaptured"],
            [
                _keep(texts),
                b.register_comment(texts["message-recaptured"]),
                b.send_mail([SUBMITTER], template=n.MAIL_BOOKED),
                b.jump(n.BOOKED),
            ],
        ),
        b.status(n.BOOKED, texts["booked"], [b.display_message(texts["message-booked"], level="success"), *choices]),
    ]


def _troubles(texts: Texts) -> list[Node]:
    choose = b.form_action(n.ANOTHER, BOTH, [slot_choice(texts["new-slot"])])
    give_up = b.choice(texts["abandon"], n.CANCELLED, BOTH, identifier="abandonner")
    retry = b.choice(texts["retry"], n.BOOKING, BOTH, identifier="reessayer")

    def waiting(status: str, name: str) -> Node:
        """The same booking is tried again: it is recognised by its record, nothing is booked twice."""
        message = b.display_message(texts["message-unavailable"], level="warning")
        return b.status(status, texts[name], [message, retry_after(), *_copies(retry, give_up)])

    def retry_after() -> Node:
        return b.jump(n.BOOKING, timeout=TEN_MINUTES)

    return [
        b.status(
            n.LOST,
            texts["lost"],
            [
                # An error answered in JSON is an application error, whatever its HTTP status (wcs-runtime.md §5.4).
                b.jump(n.UNAVAILABLE, when=f"{ANSWERED} >= 500"),
                b.jump(n.REFUSED, when=f"{ANSWERED} >= 400"),
                b.display_message(texts["message-lost"], level="error"),
                choose,
                b.jump_on_submit(n.BOOKING),
                *_copies(give_up),
            ],
        ),
        b.status(
            n.REFUSED,
            texts["refused"],
            [b.display_message(texts["message-refused"], level="error"), *_copies(retry, give_up)],
        ),
        waiting(n.UNAVAILABLE, "unavailable"),
        waiting(n.UNREADABLE, "unreadable"),
    ]


def _copies(*nodes: Node) -> list[Node]:
    """The same actions in another status: ids are given there."""
    return [deepcopy(node) for node in nodes]


def _moving(texts: Texts) -> list[Node]:
    choose = b.form_action(n.MOVED, BOTH, [slot_choice(texts["new-slot"])])
    body = {**_body(), "cancel_booking_id": f"{{{{ form_var_{n.NUMBER[1]} }}}}"}
    errors = b.OnErrors(n.MOVING, n.MOVING, n.MOVING, n.MOVING, n.MOVING)
    move = b.webservice_call(
        texts["move-action"],
        f"{{{{ {n.MOVED}_var_{n.SLOT}_api_fillslot_url }}}}",
        n.RESERVATION,
        errors,
        post_data=body,
    )
    return [
        b.status(
            n.MOVING,
            texts["moving"],
            [
                b.display_message(texts["message-lost"], level="error", when=f"{n.RESERVATION}_error_response_err"),
                choose,
                b.jump_on_submit(n.MOVE),
                b.choice(texts["back"], n.BOOKED, BOTH, identifier="garder"),
            ],
        ),
        b.status(n.MOVE, texts["move"], [move, b.jump(n.CONFIRMED)]),
    ]


def _cancelling(texts: Texts) -> list[Node]:
    # "Already cancelled" is an application error, and what was wanted.
    errors = b.OnErrors(":pass", n.CANCEL_FAILED, n.CANCEL_FAILED, ":pass", n.CANCEL_FAILED)
    free = b.webservice_call(
        texts["cancel-action"], f"{{{{ {n.RESERVATION}_response_api_cancel_url }}}}", "annulation", errors
    )
    return [
        b.status(n.CANCELLING, texts["cancelling"], [free, b.jump(n.CANCELLED)]),
        b.status(
            n.CANCEL_FAILED,
            texts["cancel-failed"],
            [b.jump(n.CANCELLING, timeout=TEN_MINUTES), b.choice(texts["retry"], n.CANCELLING, BOTH)],
        ),
    ]


def _ends(texts: Texts) -> list[Node]:
    return [
        b.status(
            n.CANCELLED,
            texts["cancelled"],
            [
                b.send_mail([SUBMITTER], template=n.MAIL_CANCELLED, when=f"form_var_{n.NUMBER[1]}"),
                b.display_message(texts["message-cancelled"]),
            ],
            endpoint=True,
        ),
        b.status(n.DONE, texts["done"], [], endpoint=True),
        b.status(n.NO_SHOW, texts["no-show"], [], endpoint=True),
    ]


def _hooks(texts: Texts) -> list[Node]:
    """What the calendar tells. The cancellation is done there already: it is not asked for again."""
    return [
        b.global_action("1", texts["hook-cancelled"], [b.jump(n.CANCELLED)], [b.webservice_trigger(n.HOOK_CANCELLED)]),
        b.global_action("2", texts["hook-presence"], [b.jump(n.DONE)], [b.webservice_trigger(n.HOOK_PRESENCE)]),
        b.global_action("3", texts["hook-absence"], [b.jump(n.NO_SHOW)], [b.webservice_trigger(n.HOOK_ABSENCE)]),
        b.global_action(
            "4",
            texts["hook-reminder"],
            [b.send_mail([SUBMITTER], template=n.MAIL_REMINDER)],
            [b.webservice_trigger(n.HOOK_REMINDER)],
        ),
    ]
