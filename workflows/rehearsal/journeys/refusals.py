"""Why a page was refused, in words that a designer understands."""

from __future__ import annotations

from ..filling import PageView
from ..widgets import Widget
from .errors import Failed
from .stage import Stage


def refused_page(stage: Stage, view: PageView) -> Failed:
    """The first thing that is wrong with a page that was not accepted."""
    page = view.label or str(view.number + 1)
    wrong = next((widget for widget in view.widgets if widget.error), None)
    if wrong is None:
        messages = " / ".join(view.errors)
        return stage.fail(
            f"Page “{page}”: its exit condition does not hold. Message shown: {messages}",
            f"Page « {page} » : sa condition de sortie n'est pas remplie. Message affiché : {messages}",
            (
                "Look at the calls and at the templates not evaluated below.",
                "Regardez les appels et les gabarits non évalués ci-dessous.",
            ),
        )
    return _refused_slot(stage, page) if wrong.field == stage.slot_field else _refused_field(stage, page, wrong)


def _refused_field(stage: Stage, page: str, widget: Widget) -> Failed:
    name = widget.field.varname or widget.field.label
    if not widget.items and widget.field.type == "item":
        return stage.fail(
            f"Page “{page}”: the field “{widget.field.label}” has nothing to choose from.",
            f"Page « {page} » : le champ « {widget.field.label} » ne propose aucun choix.",
            (
                "Look at its data source, and at the calls below.",
                "Vérifiez sa source de données, et les appels ci-dessous.",
            ),
        )
    return stage.fail(
        f"Page “{page}”: the field “{widget.field.label}” refuses what was filled in: {widget.error}.",
        f"Page « {page} » : le champ « {widget.field.label} » refuse ce que la répétition a saisi : {widget.error}.",
        (f"Give a value: --value {name}=…", f"Donnez une valeur : --value {name}=…"),
    )


def _refused_slot(stage: Stage, page: str) -> Failed:
    label = stage.slot_field.label
    last = next((call for call in reversed(stage.report.trace.calls) if "datetimes" in call.url), None)
    if last is not None and last.status == 403:
        said = last.answer.get("err_desc", "") if isinstance(last.answer, dict) else ""
        return stage.fail(
            f"Page “{page}”: the adapter refuses the signature of w.c.s. ({said}): no slot can be listed.",
            f"Page « {page} » : l'adaptateur refuse la signature de w.c.s. ({said}) : aucun créneau n'est listé.",
            ("Compare the keys, and the clocks of both machines.", "Comparez les clés et l'heure des deux machines."),
        )
    if last is not None and "lock_code=" not in last.url:
        return stage.fail(
            f"Page “{page}”: the slot that was held for this form is not offered by the field “{label}”. Its list is"
            " asked for without the lock code, so the slot looks taken by somebody else, and w.c.s. refuses the page"
            " (“Technical error”).",
            f"Page « {page} » : le créneau retenu pour cette saisie n'est pas proposé par le champ « {label} »."
            " Sa liste est demandée sans le code de verrou : le créneau paraît pris par quelqu'un d'autre, et w.c.s."
            " refuse la page (« Erreur technique »).",
            (
                "wcs make-bookable adds the lock code to the list of slots.",
                "wcs make-bookable ajoute le code de verrou à la liste des créneaux.",
            ),
        )
    return stage.fail(
        f"Page “{page}”: the chosen slot is not offered by the field “{label}”.",
        f"Page « {page} » : le créneau choisi n'est pas proposé par le champ « {label} ».",
        ("Look at the calls below.", "Regardez les appels ci-dessous."),
    )
