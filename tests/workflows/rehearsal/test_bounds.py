"""Templates are bounded before the engine parses them."""

from __future__ import annotations

import pytest

from workflows.rehearsal.templates import NotEvaluated
from workflows.rehearsal.templates import engine as templates


@pytest.mark.parametrize(
    "source",
    [
        "{% if " * 20_000,
        "{{" * 60_000,
        "{% if a %}" * 200 + "{% endif %}" * 200,
        "{% for a in b %}" * 60 + "{% endfor %}" * 60,
        "{% comment %}" + "{% endx %}" * 200 + "{% endcomment %}" + "{% if a %}" * 200 + "{% endif %}" * 200,
        ("{% if a %}" * 40 + "{% comment %}" + "{% endif %}" * 40 + "{% endcomment %}") * 3,
        ("{% if a %}" * 40 + "{% verbatim x %}{% endverbatim %}" + "{% endif %}" * 40 + "{% endverbatim x %}") * 3,
        "{% verbatim\tx %}" + "{% if a %}" * 60,
        "{{ a }}" * 5_000,
        "{{ a" + "|upper" * 3_000 + " }}",
        "{{ a }}" + "{# " * 60_000,
        "{{ a }}" + "x" * 200_001,
        "[if-any a]" * 60 + "[end]" * 60,
        "[a]" + "x" * 200_001,
    ],
)
def test_what_would_take_long_is_not_parsed(source, monkeypatch) -> None:
    monkeypatch.setattr(templates, "Template", lambda *_args, **_more: pytest.fail("parsed"))
    with pytest.raises(NotEvaluated) as caught:
        templates.render(source, {"a": "x"})
    assert caught.value.kind == "too-long"


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("{% if a %}" * 40 + "x" + "{% endif %}" * 40, "x"),
        ("{% comment %}" + "{% if a %}" * 60 + "{% endcomment %}x", "x"),
        ("{% for b in a %}{% if b %}{{ b }}{% endif %}{% endfor %}" * 60, "x" * 60),
        ("{{ a }} {{", "x {{"),
        ("[if-any a][a][else]n[end] [b]", "x [b]"),
        ("[is a x]y[end][if-any b]n[else][a][end]", "yx"),
    ],
)
def test_what_forms_have_is_played(source, text) -> None:
    assert templates.render(source, {"a": "x"}) == text
