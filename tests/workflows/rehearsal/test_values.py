"""What answers are in templates and conditions: printed, compared, gone into (wcs-runtime.md §1)."""

from __future__ import annotations

from typing import Any

import pytest

from workflows import builder as b
from workflows.rehearsal.values import Stored

from .making import draft, form_of, site_of, workflow_of

FIELDS = {
    "nom": b.text_field("Nom", "nom", id="1"),
    "jour": b.field("date", "Jour", varname="jour", id="2"),
    "nombre": b.field("numeric", "Nombre", varname="nombre", id="3"),
    "lieu": b.field("map", "Lieu", varname="lieu", id="4"),
    "choix": b.field("items", "Choix", varname="choix", id="5"),
    "motif": b.item("Motif", "motif", id="6"),
    "vide": b.text_field("Vide", "vide", id="7"),
    "rien": b.item("Rien", "rien", id="8"),
    "enfants": b.block_field("Enfants", "enfants", "enfant", id="9"),
}
BLOCK = b.block(
    "Enfant", [b.text_field("Prénom", "prenom", id="a"), b.field("date", "Né le", varname="ne", id="b")], slug="enfant"
)
PLACES = [{"id": "a", "text": "Alpha", "rue": "Haute"}, {"id": "b", "text": "Beta"}]
ANSWERS = {
    "1": Stored("Ada"),
    "2": Stored("2026-11-24"),
    "3": Stored(12),
    "4": Stored({"lat": "50.46", "lon": "4.86"}),
    "5": Stored(["a", "b"], "Alpha, Beta", PLACES),
    "6": Stored("a", "Alpha", PLACES[0]),
    "9": Stored([{"a": Stored("Léa"), "b": Stored("2020-02-29")}, {"a": Stored("Tom")}], "Léa, Tom"),
}


@pytest.fixture(scope="module")
def scope() -> Any:
    """The variables of a record with those answers."""
    site = site_of(form_of(*FIELDS.values()), workflow_of(), BLOCK)
    record = draft(site).record
    record.data.update(ANSWERS)
    return site.scope(record, None)


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{{ form_var_nom }}", "Ada"),
        ("{{ form_var_nom|slice:':2' }}", "Ad"),
        ("{{ form_var_jour }}", "24/11/2026"),
        ("{{ form_var_jour_raw }}", "2026-11-24"),
        ("{{ form_var_jour_year }}-{{ form_var_jour_month }}", "2026-11"),
        ("{{ form_var_jour_weather }}", ""),
        ("{{ form_var_lieu }}", "50.46;4.86"),
        ("{{ form_var_lieu_lat }}", "50.46"),
        ("{{ form_var_choix }}", "Alpha, Beta"),
        ("{{ form_var_choix|getlist:'rue'|join:'|' }}", "Haute|"),
        ("{% for one in form_var_choix %}{{ one.id }}{% endfor %}", "ab"),
        ("{{ form_var_choix|length }}", "2"),
        ("{{ form_var_choix_1_text }}{{ form_var_choix_2_text }}", "Beta"),
        ("{{ form_var_motif }} {{ form_var_motif_raw }} {{ form_var_motif_rue }}", "Alpha a Haute"),
        ("{{ form_var_motif_nosuch }}", ""),
        ("{{ form_var_vide }}", "None"),
        ("{{ form_var_vide|length }}", "0"),
        ("{{ form_var_rien_raw }}", "None"),
        ("{{ form_var_rien_structured }}", ""),
        ("{{ form_var_vide|getlist:'x'|length }}", "0"),
        ("{{ form_var_enfants }}", "Léa, Tom"),
        ("{{ form_var_enfants_0_prenom }}+{{ form_var_enfants_1_prenom }}+{{ form_var_enfants_2_prenom }}", "Léa+Tom+"),
        ("{{ form_var_enfants_var_prenom }}", "Léa"),
        ("{% for one in form_var_enfants %}{{ one.prenom }};{% endfor %}", "Léa;Tom;"),
        ("{{ form_var_enfants|length }}", "2"),
        ("{{ form_var_enfants|getlist:'prenom'|join:'|' }}", "Léa|Tom"),
    ],
)
def test_it_is_printed(scope: Any, template: str, text: str) -> None:
    assert str(scope.text(template, "test")) == text


@pytest.mark.parametrize(
    ("comparison", "true", "false"),
    [
        ('form_var_nom {} "Ada"', "== <= >=", "!= < >"),
        ('form_var_nom {} "Bob"', "!= < <=", "== > >="),
        ('form_var_jour {} "2026-11-24"|date', "== <= >=", "!= < >"),
        ('form_var_jour {} "2026-11-25"|date', "!= < <=", "== > >="),
        ("form_var_nombre {} 12", "== <= >=", "!= < >"),
        # As a number, not as a text.
        ("form_var_nombre {} 2", "!= > >=", "== < <="),
        ('form_var_motif {} "Alpha"', "== <= >=", "!= < >"),
    ],
)
def test_it_is_compared(scope: Any, comparison: str, true: str, false: str) -> None:
    def holds(operator: str) -> bool:
        return bool(scope.value(f"{{% if {comparison.format(operator)} %}}yes{{% endif %}}", "test"))

    assert [operator for operator in true.split() if not holds(operator)] == []
    assert [operator for operator in false.split() if holds(operator)] == []


@pytest.mark.parametrize(
    ("condition", "held"),
    [
        ('"d" in form_var_nom', True),
        ('"z" in form_var_nom', False),
        # By id and by label.
        ('"b" in form_var_choix', True),
        ('"Alpha" in form_var_choix', True),
        ('"c" in form_var_choix', False),
        ('form_var_motif_raw == "a"', True),
        ("form_var_lieu", True),
        ("form_var_enfants", True),
        ("form_var_vide", False),
        ("form_var_rien", False),
    ],
)
def test_it_holds_or_not(scope: Any, condition: str, held: bool) -> None:
    assert bool(scope.value(f"{{% if {condition} %}}yes{{% endif %}}", "test")) is held
