"""One small valid definition of each kind, which tests then break."""

from __future__ import annotations

from workflows import builder as b
from workflows.reader import Node


def form() -> Node:
    """A form with two pages, a block, sources of every kind, options, roles, a view and a migration."""
    node = b.form(
        "Demande",
        [
            b.page("Vous", id="1", exit_conditions=[b.post_condition("form_var_nom", "Donnez un nom")]),
            b.text_field("Nom", "nom", id="2", prefilled=b.prefill("user", "_last_name")),
            b.page("Choix", id="3"),
            b.item("Couleur", "couleur", id="4", source=b.data_source("couleurs")),
            b.item("Fiche", "fiche", id="5", source=b.data_source("carddef:lieux")),
            b.block_field("Adresse", "adresse", "adresse", id="6"),
            b.computed("Code", "code", "{{ session_hash_id }}", id="7", freeze=True),
        ],
        workflow=b.workflow_link("traitement", "Traitement"),
        category=b.category_link("divers", "Divers"),
        roles={"_receiver": b.Role("Accueil", "accueil")},
        options={"delai": "3"},
        digest="{{ form_var_nom }}",
    )
    view = Node("custom_view").add(
        b.leaf("title", "Tout"), b.leaf("slug", "tout"), b.leaf("visibility", "any"), b.leaf("is_default", "True")
    )
    mapping = Node("status-mapping", children=[Node("map", attributes={"old": "1", "new": "1"})])
    migration = Node("migration", attributes={"old-workflow": "ancien", "new-workflow": "traitement"}).add(mapping)
    return node.add(
        Node("custom_views", children=[view]),
        Node("geolocations", children=[Node("geolocation", "Lieu", {"key": "base"})]),
        Node("workflow-migrations", children=[migration]),
    )


def workflow() -> Node:
    """A workflow with most actions, two global actions and the three kinds of triggers."""
    call = b.webservice_call(
        "Réserver",
        "https://example.net/fillslot/",
        "reservation",
        b.OnErrors("2", ":stop", "1", ":pass", ":stop"),
        post_data={"label": "{{ form_name }}"},
        qs_data={"a": "1"},
    )
    model = Node("model_file").add(
        b.leaf("base_filename", "a.odt"), b.leaf("content_type", "text/plain"), b.leaf("b64_content", "YQ==")
    )
    rule = Node("rule").add(Node("role_id", "Accueil", {"slug": "accueil"}), b.leaf("value", "x"))
    mapping = Node("mapping", "{{ form_var_nom }}", {"field_id": "1"})
    return b.workflow(
        "Traitement",
        [
            b.status(
                "1",
                "Nouveau",
                [
                    b.set_backoffice_fields("Garder", {"bo1": "{{ form_var_nom }}"}),
                    call,
                    b.send_mail(["_receiver"], template="nouvelle-demande"),
                    b.jump("2", timeout="3600", when="form_var_nom"),
                    b.register_comment("Reçu"),
                    b.choice("Fermer", "2", ["_receiver"]),
                ],
            ),
            b.status(
                "2",
                "Fini",
                [
                    b.form_action("suite", ["_submitter"], [b.text_field("Avis", "avis", id="1")]),
                    b.jump_on_submit("1"),
                    b.action("export_to_model", b.leaf("label", "Lettre"), model),
                    b.action("dispatch", b.leaf("role_key", "_receiver"), Node("rules", children=[rule])),
                    b.action("create_carddata", b.leaf("formdef_slug", "lieux"), Node("mappings", children=[mapping])),
                    b.display_message("Bonjour", to=["_submitter"]),
                    b.editable("Modifier", "1", ["_submitter"]),
                ],
                endpoint=True,
            ),
        ],
        global_actions=[
            b.global_action(
                "1",
                "Annuler",
                [b.jump("2")],
                [b.manual_trigger(["_receiver"], ["1"], id="t1"), b.webservice_trigger("annuler", id="t2")],
            ),
            b.global_action("2", "Relancer", [], [b.timeout_trigger("{{ form_receipt_date }}", "2", id="t3")]),
        ],
        variables=[b.field("string", "Délai", varname="delai", id="1", extra=[b.value("default_value", "3")])],
        backoffice_fields=[b.text_field("Nom gardé", "nom_garde", id="bo1")],
    ).add(Node("status-remapping", children=[Node("remap", attributes={"status": "9", "action": "nothing"})]))


def block() -> Node:
    return b.block("Adresse", [b.text_field("Rue", "rue")])


def card() -> Node:
    return b.card("Lieux", [b.text_field("Nom", "nom", id="1")], digest="{{ form_var_nom }}")


def call() -> Node:
    return b.named_call("Pré-bloquer", "{{ url }}", method="POST", qs_data={"a": "1"}, post_data={"lock_code": "x"})


def source() -> Node:
    return b.data_source_definition("Couleurs", "json", "https://example.net/", qs_data={"a": "1"}, cache_duration=60)


def mail() -> Node:
    return b.mail_template("Nouvelle demande", "Bonjour", "<p>Une demande est arrivée.</p>")


def category() -> Node:
    return b.category("Divers")


def site() -> list[Node]:
    """Definitions that refer to each other and to nothing else."""
    return [category(), mail(), source(), call(), card(), block(), workflow(), form()]
