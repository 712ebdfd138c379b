"""Typed views over a document: they keep what they do not know, because they hold the element itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import DefinitionError
from .actions import (
    ERROR_DEFAULTS,
    Action,
    Assignment,
    FormAction,
    Jump,
    Pair,
    SetBackofficeFields,
    Target,
    WebserviceCall,
)
from .base import Condition, Definition, Reference, View, text_of
from .fields import DataSourceUse, EmbeddedForm, Field, FieldOwner, Page, PostCondition, Prefill
from .forms import Block, Card, Form, FormDefinition
from .resources import Category, CommentTemplate, DataSource, MailTemplate, NamedCall
from .workflows import ActionOwner, GlobalAction, Status, Trigger, Workflow

if TYPE_CHECKING:
    from ..document import Document

VIEWS: dict[str, type[Definition]] = {
    "formdef": Form,
    "carddef": Card,
    "workflow": Workflow,
    "block": Block,
    "wscall": NamedCall,
    "datasource": DataSource,
    "mail-template": MailTemplate,
    "comment-template": CommentTemplate,
}


def definition_of(document: Document) -> Definition:
    """The view of a document's root; raises DefinitionError `unknown-root` for XML that is no definition."""
    if not document.kind:
        message = f"<{document.root.tag}> is not the root of any definition that w.c.s. imports"
        french = f"<{document.root.tag}> n'est la racine d'aucune définition que w.c.s. importe"
        line = document.line(document.root)
        raise DefinitionError("unknown-root", message, document.path, line, french=french)
    return VIEWS.get(document.kind, Category)(document, document.root)


__all__ = [
    "ERROR_DEFAULTS",
    "Action",
    "ActionOwner",
    "Assignment",
    "Block",
    "Card",
    "Category",
    "CommentTemplate",
    "Condition",
    "DataSource",
    "DataSourceUse",
    "Definition",
    "EmbeddedForm",
    "Field",
    "FieldOwner",
    "Form",
    "FormAction",
    "FormDefinition",
    "GlobalAction",
    "Jump",
    "MailTemplate",
    "NamedCall",
    "Page",
    "Pair",
    "PostCondition",
    "Prefill",
    "Reference",
    "SetBackofficeFields",
    "Status",
    "Target",
    "Trigger",
    "View",
    "WebserviceCall",
    "Workflow",
    "definition_of",
    "text_of",
]
