"""The workflow: book, tell every outcome, choose again, move, cancel, keep or miss the appointment."""

from __future__ import annotations

from copy import deepcopy

from workflows import builder as b
from workflows.bookable import LOCK_CODE, sent_token
from workflows.reader import Node

from . import names as n
from .form import silent_agenda, slot_choice
from .texts import Texts

SUBMITTER, AGENTS = "_submitter", "_receiver"
BOTH = (SUBMITTER, AGENTS)
#: The code that the form kept first: these actions also run outside the submitter's session.
KEPT_CODE = (
    f"{{% if form_var_{n.LOCK_CODE_FIELD} %}}{{{{ form_var_{n.LOCK_CODE_FIELD} }}}}{{% else %}}{LOCK_CODE}{{% endif %}}"
)
#: w.c.s. looks at delays three times an hour: what waits ten minutes is repeated after 20 to 40.
TEN_MINUTES = "600"
FIELDS = {"field-date": n.DATE, "field-desk": n.DESK, "field-number": n.NUMBER}
OUTCOME = f"{n.RESERVATION}_response_outcome"
ANSWERED = f"form_workflow_data_{n.RESERVATION}_status"
#: The record, as it was named when it booked: what it has is found by it, also when no answer ever came.
RECORD = {"backoffice_url": "{{ form_url_backoffice }}", "form_url": "{{ form_url }}"}


def workflow(texts: Texts) -> Node:
    """All statuses and global actions."""
    return b.workflow(
        texts["workflow"],
        [
            *_booking(texts),
            *_outcomes(texts),
            *_troubles(texts),
            *_moving(texts),
            *_cancelling(texts),
            *_presence(texts),
            *_ends(texts),
        ],
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
        **RECORD,
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


def _retried(status: str) -> Node:
    return b.jump(status, timeout=TEN_MINUTES)


def _way_back(texts: Texts) -> Node:
    """For an agent who came from the calendar: the view from which the form was opened."""
    return b.display_message(texts["back-to-calendar"], to=[AGENTS], when="form_submission_context_return_url")


def _give_up(texts: Texts, key: str = "abandon", identifier: str = "abandonner") -> Node:
    """Leads to the cancellation in the agenda: a booking may be there though its answer never came."""
    question = texts["cancel-question"]
    return b.choice(texts[key], n.CANCELLING, BOTH, confirm=question, identifier=identifier, ignore_form_errors=True)


def _choose(texts: Texts, varname: str) -> list[Node]:
    """Another slot, and a word when the agenda cannot be asked: w.c.s. would only show an empty list."""
    return [b.form_action(varname, BOTH, [silent_agenda(texts, n.SOURCE_TYPES), slot_choice(texts["new-slot"])])]


def _booking(texts: Texts) -> list[Node]:
    errors = b.OnErrors(n.NOT_BOOKED, n.REFUSED, n.UNAVAILABLE, n.UNREADABLE, n.UNAVAILABLE)
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
                # A slot chosen a moment ago was not held: nothing was lost, nothing is to be told.
                b.jump(n.RECAPTURED, when=f'{OUTCOME} == "recaptured" and not {chosen}'),
                b.jump(n.ALREADY, when=f'{OUTCOME} == "already_confirmed"'),
                b.jump(n.CONFIRMED),
            ],
            hidden_from_citizens=True,
        ),
        b.status(
            n.NOT_BOOKED, texts["not-booked"], _sorted(n.LOST, n.REFUSED, n.UNAVAILABLE), hidden_from_citizens=True
        ),
    ]


def _sorted(lost: str, refused: str, unavailable: str) -> list[Node]:
    """An error answered in JSON is an application error, whatever its HTTP status (wcs-runtime.md §5.4)."""
    return [
        b.jump(unavailable, when=f"{ANSWERED} >= 500"),
        b.jump(refused, when=f"{ANSWERED} >= 400"),
        b.jump(lost),
    ]


def _outcomes(texts: Texts) -> list[Node]:
    mail = b.send_mail([SUBMITTER], template=n.MAIL_BOOKED)
    # Nobody has come before it is time.
    begun = f"{n.RESERVATION}_response_datetime|datetime <= now"
    choices = [
        b.choice(texts["choose"], n.MOVING, BOTH, identifier="deplacer"),
        b.choice(texts["cancel"], n.CANCELLING, BOTH, confirm=texts["cancel-question"], identifier="annuler"),
        b.choice(texts["mark-done"], n.TELL_DONE, [AGENTS], identifier="honore", when=begun),
        b.choice(texts["mark-no-show"], n.TELL_NO_SHOW, [AGENTS], identifier="absent", when=begun),
    ]
    return [
        b.status(n.CONFIRMED, texts["confirmed"], [_keep(texts), mail, b.jump(n.BOOKED)]),
        # A repeat of the same booking: its first answer never came, so nobody has told the citizen yet.
        b.status(
            n.ALREADY, texts["already"], [_keep(texts), *_copies(mail), b.jump(n.BOOKED)], hidden_from_citizens=True
        ),
        b.status(
            n.RECAPTURED,
            texts["recaptured"],
            [_keep(texts), b.register_comment(texts["message-recaptured"]), *_copies(mail), b.jump(n.BOOKED)],
            hidden_from_citizens=True,
        ),
        b.status(
            n.BOOKED,
            texts["booked"],
            [b.display_message(texts["message-booked"], level="success"), _way_back(texts), *choices],
        ),
    ]


def _troubles(texts: Texts) -> list[Node]:
    retry = b.choice(texts["retry"], n.BOOKING, BOTH, identifier="reessayer")

    def waiting(status: str, name: str) -> Node:
        """The same booking is tried again: it is recognised by its record, nothing is booked twice."""
        message = b.display_message(texts["message-unavailable"], level="warning")
        again = [_retried(n.BOOKING), *_copies(retry), _give_up(texts)]
        return b.status(status, texts[name], [message, _way_back(texts), *again])

    return [
        b.status(
            n.LOST,
            texts["lost"],
            [
                b.display_message(texts["message-lost"], level="error"),
                _way_back(texts),
                *_choose(texts, n.ANOTHER),
                b.jump_on_submit(n.BOOKING),
                _give_up(texts),
            ],
        ),
        b.status(
            n.REFUSED,
            texts["refused"],
            [
                b.display_message(texts["message-refused"], level="error"),
                _way_back(texts),
                *_copies(retry),
                _give_up(texts),
            ],
        ),
        waiting(n.UNAVAILABLE, "unavailable"),
        waiting(n.UNREADABLE, "unreadable"),
    ]


def _copies(*nodes: Node) -> list[Node]:
    """The same actions in another status: ids are given there."""
    return [deepcopy(node) for node in nodes]


def _moving(texts: Texts) -> list[Node]:
    body = {**_body(), "cancel_booking_id": f"{{{{ form_var_{n.NUMBER[1]} }}}}"}
    # An answer that never came may be of a move that was made: the same call is repeated, and gives that booking.
    errors = b.OnErrors(n.NOT_MOVED, n.MOVE_REFUSED, n.MOVE_WAITING, n.MOVE_WAITING, n.MOVE_WAITING)
    move = b.webservice_call(
        texts["move-action"],
        f"{{{{ {n.MOVED}_var_{n.SLOT}_api_fillslot_url }}}}",
        n.RESERVATION,
        errors,
        post_data=body,
    )

    def choosing(status: str, name: str, *messages: Node) -> Node:
        keep = b.choice(texts["back"], n.BOOKED, BOTH, identifier="garder", ignore_form_errors=True)
        return b.status(
            status,
            texts[name],
            [
                *messages,
                _way_back(texts),
                *_choose(texts, n.MOVED),
                b.jump_on_submit(n.MOVE),
                keep,
                _give_up(texts, "cancel", "annuler"),
            ],
        )

    return [
        choosing(n.MOVING, "moving"),
        b.status(n.MOVE, texts["move"], [move, b.jump(n.CONFIRMED)], hidden_from_citizens=True),
        b.status(
            n.NOT_MOVED,
            texts["not-moved"],
            _sorted(n.MOVE_REFUSED, n.MOVE_REFUSED, n.MOVE_WAITING),
            hidden_from_citizens=True,
        ),
        choosing(n.MOVE_REFUSED, "move-refused", b.display_message(texts["message-not-moved"], level="error")),
        b.status(
            n.MOVE_WAITING,
            texts["move-waiting"],
            [
                b.display_message(texts["message-move-waiting"], level="warning"),
                _way_back(texts),
                _retried(n.MOVE),
                b.choice(texts["retry"], n.MOVE, BOTH, identifier="reessayer"),
                _give_up(texts, "cancel", "annuler"),
            ],
        ),
    ]


def _cancelling(texts: Texts) -> list[Node]:
    free = b.webservice_call(
        texts["cancel-action"],
        "{{ agendas_url }}api/bookings/cancel/",
        "annulation",
        b.OnErrors.all(n.CANCEL_FAILED),
        post_data=RECORD,
    )
    return [
        b.status(n.CANCELLING, texts["cancelling"], [free, b.jump(n.CANCELLED)], hidden_from_citizens=True),
        b.status(
            n.CANCEL_FAILED,
            texts["cancel-failed"],
            [
                b.display_message(texts["message-cancel-failed"], level="warning"),
                _way_back(texts),
                _retried(n.CANCELLING),
                b.choice(texts["retry"], n.CANCELLING, BOTH, identifier="reessayer"),
            ],
        ),
    ]


def _presence(texts: Texts) -> list[Node]:
    """What an agent notes here is told to the agenda; what the agenda told is not told back."""
    found = []
    for tell, waiting, end, name, came in (
        (n.TELL_DONE, n.DONE_WAITING, n.DONE, "done", "true"),
        (n.TELL_NO_SHOW, n.NO_SHOW_WAITING, n.NO_SHOW, "no-show", "false"),
    ):
        call = b.webservice_call(
            texts["presence-action"],
            f"{{{{ {n.RESERVATION}_response_api_booking_url }}}}",
            "presence",
            b.OnErrors.all(waiting),
            method="PATCH",
            post_data={"user_was_present": came},
        )
        message = b.display_message(texts["message-presence-waiting"], level="warning", to=[AGENTS])
        retry = b.choice(texts["retry"], tell, [AGENTS], identifier="reessayer")
        back = b.choice(texts["undo"], n.BOOKED, [AGENTS], identifier="revenir")
        found += [
            b.status(tell, texts[f"tell-{name}"], [call, b.jump(end)], hidden_from_citizens=True),
            b.status(
                waiting,
                texts[f"{name}-waiting"],
                [message, _way_back(texts), _retried(tell), retry, back],
                hidden_from_citizens=True,
            ),
        ]
    return found


def _ends(texts: Texts) -> list[Node]:
    return [
        b.status(
            n.CANCELLED,
            texts["cancelled"],
            [
                b.send_mail([SUBMITTER], template=n.MAIL_CANCELLED, when=f"form_var_{n.NUMBER[1]}"),
                b.display_message(texts["message-cancelled"]),
                _way_back(texts),
            ],
            endpoint=True,
        ),
        b.status(n.DONE, texts["done"], [_way_back(texts)], endpoint=True),
        b.status(n.NO_SHOW, texts["no-show"], [_way_back(texts)], endpoint=True),
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
