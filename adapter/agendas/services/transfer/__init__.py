"""Agendas as a JSON document, out and in (format: :mod:`adapter.agendas.services.transfer.document`)."""

from adapter.agendas.services.transfer.exporting import export_agendas
from adapter.agendas.services.transfer.importing import Change, import_agendas
from adapter.agendas.services.transfer.reader import Problem, TransferError

__all__ = ["Change", "Problem", "TransferError", "export_agendas", "import_agendas"]
