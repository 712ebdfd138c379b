"""Who acts."""

from __future__ import annotations

from dataclasses import dataclass

from adapter.agendas.models import AuditEvent


@dataclass(frozen=True, slots=True)
class Actor:
    """An agent (user name), a service (its ``orig``), a task or a command (their names)."""

    kind: AuditEvent.ActorKind
    name: str

    @classmethod
    def agent(cls, username: str) -> Actor:
        """An agent of the town hall."""
        return cls(AuditEvent.ActorKind.AGENT, username[:150])

    @classmethod
    def service(cls, orig: str) -> Actor:
        """A service that signs its calls, such as w.c.s."""
        return cls(AuditEvent.ActorKind.SERVICE, orig[:150])

    @classmethod
    def task(cls, name: str) -> Actor:
        """A scheduled task."""
        return cls(AuditEvent.ActorKind.TASK, name[:150])

    @classmethod
    def command(cls, name: str) -> Actor:
        """A command typed by an admin."""
        return cls(AuditEvent.ActorKind.COMMAND, name[:150])
