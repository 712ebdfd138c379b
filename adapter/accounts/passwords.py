"""Log-in by password, with a bound on how often somebody may guess."""

from __future__ import annotations

from typing import Any

import structlog
from django.conf import settings
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse

from adapter.accounts.guesses import count_wrong, seconds_to_wait, who_guesses

logger = structlog.get_logger("adapter.accounts")

# Colleagues share an address; one of them who guesses must not keep the others out for long.
NAMES_PER_ADDRESS = 5


class PasswordLogin(LoginView):
    """Django's, that after ``LOGIN_FAILURES_MAX`` wrong passwords in a minute asks to wait (429), right or wrong.

    Counted for a name at a network, so that nobody locks a colleague out from elsewhere, and for the network with
    every name.
    """

    template_name = "manager/login.html"

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """A demo says who may log in."""
        return super().get_context_data(demo=settings.DEMO, **context)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Look at the password, unless there were too many wrong ones."""
        budgets = self._budgets(request)
        wait = max(seconds_to_wait(who, limit) for who, limit in budgets)
        if wait:
            logger.warning("login_limited")
            form = self.get_form()
            # Not looked at: no error of the form is shown beside the request to wait.
            form.is_bound = False
            form.initial = {"username": request.POST.get("username", "")[:150]}
            answer = self.render_to_response(self.get_context_data(form=form, wait=wait), status=429)
            answer["Retry-After"] = str(wait)
            return answer
        answer = super().post(request, *args, **kwargs)
        if answer.status_code == 200:
            for who, limit in budgets:
                if limit:
                    count_wrong(who)
        return answer

    def _budgets(self, request: HttpRequest) -> list[tuple[str, int]]:
        limit = settings.LOGIN_FAILURES_MAX
        name, network = who_guesses(request, request.POST.get("username", ""))
        return [(name, limit), (network, limit * NAMES_PER_ADDRESS)]
