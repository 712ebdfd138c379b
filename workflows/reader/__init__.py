"""Reader and writer of w.c.s. definitions; this module is the public door.

`load` one file or `load_many` into a `Library`; look at definitions through typed views; change them through
`Document.edit()`, which touches only the bytes it is told to.
"""

from .bundle import Bundle, read_bundle
from .document import Document
from .edits import Edits
from .errors import DefinitionError
from .kinds import KINDS, Kind, kind_of, slugify
from .library import Library
from .limits import DEFAULT_LIMITS, Limits
from .load import load, load_many
from .model import (
    ERROR_DEFAULTS,
    Action,
    ActionOwner,
    Assignment,
    Block,
    Card,
    Category,
    CommentTemplate,
    Condition,
    DataSource,
    DataSourceUse,
    Definition,
    EmbeddedForm,
    Field,
    FieldOwner,
    Form,
    FormAction,
    FormDefinition,
    GlobalAction,
    Jump,
    MailTemplate,
    NamedCall,
    Page,
    Pair,
    PostCondition,
    Prefill,
    Reference,
    SetBackofficeFields,
    Status,
    Target,
    Trigger,
    View,
    WebserviceCall,
    Workflow,
    text_of,
)
from .nodes import Fragment, Node, as_node
from .scan import Span
from .style import Style, render

__all__ = [
    "DEFAULT_LIMITS",
    "ERROR_DEFAULTS",
    "KINDS",
    "Action",
    "ActionOwner",
    "Assignment",
    "Block",
    "Bundle",
    "Card",
    "Category",
    "CommentTemplate",
    "Condition",
    "DataSource",
    "DataSourceUse",
    "Definition",
    "DefinitionError",
    "Document",
    "Edits",
    "EmbeddedForm",
    "Field",
    "FieldOwner",
    "Form",
    "FormAction",
    "FormDefinition",
    "Fragment",
    "GlobalAction",
    "Jump",
    "Kind",
    "Library",
    "Limits",
    "MailTemplate",
    "NamedCall",
    "Node",
    "Page",
    "Pair",
    "PostCondition",
    "Prefill",
    "Reference",
    "SetBackofficeFields",
    "Span",
    "Status",
    "Style",
    "Target",
    "Trigger",
    "View",
    "WebserviceCall",
    "Workflow",
    "as_node",
    "kind_of",
    "load",
    "load_many",
    "read_bundle",
    "render",
    "slugify",
    "text_of",
]
