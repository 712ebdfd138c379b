"""Peers measured live (``PEERS=1``): each in a virtual environment of its own, outside the project's dependencies."""

from scripts.bench.peers.environment import PeerMissing
from scripts.bench.peers.staff_diary import DjangoAppointment
from scripts.bench.peers.ticket_shop import Pretix

__all__ = ["DjangoAppointment", "PeerMissing", "Pretix"]
