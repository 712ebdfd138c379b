"""Templates are input: whatever they hold, nothing crashes, nothing private is reached, nothing grows without end."""

from __future__ import annotations

import string
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workflows import builder as b
from workflows.rehearsal.names import Names
from workflows.rehearsal.payload import BadKeys, jsonable, nested
from workflows.rehearsal.templates import NotEvaluated, compute, holds, render
from workflows.rehearsal.templates.budget import LONGEST_VALUE
from workflows.rehearsal.templates.library import BUILTINS

from .making import draft, form_of, site_of, workflow_of

NAMES: dict[str, Any] = {
    "a": "text",
    "n": 3,
    "none": None,
    "l": ["x", {"y": [1, 2]}],
    "d": {"k": "v", "_secret": "s"},
    "when": "2026-12-24 10:30",
}
words = st.sampled_from(
    [*NAMES, "nosuch", "a.b", "d.k", "l.1.y", "l.99", "'x'", '"%s"', "1", "-1", "1e400", "'9' ", "d._secret"]
)
filters = st.sampled_from(sorted(BUILTINS[0].filters))
arguments = st.one_of(
    st.just(""),
    words.map(":{}".format),
    st.integers().map(":{}".format),
    st.text(string.printable, max_size=8).map(lambda t: f":{t!r}"),
)
chains = st.builds(
    lambda word, parts: word + "".join(f"|{name}{arg}" for name, arg in parts),
    words,
    st.lists(st.tuples(filters, arguments), max_size=4),
)
pieces = st.one_of(
    chains.map("{{{{ {} }}}}".format),
    st.builds(
        "{{% if {} {} {} %}}a{{% else %}}b{{% endif %}}".format,
        chains,
        st.sampled_from(["==", "<", "in", "and", "is"]),
        chains,
    ),
    st.builds("{{% for x in {} %}}{{{{ x|{} }}}}{{% endfor %}}".format, chains, filters),
    st.builds("{{% with y={} %}}{{{{ y }}}}{{% endwith %}}".format, chains),
    st.builds("{{% firstof {} {} %}}".format, words, words),
    st.text("{}%[]|:'\". abcxyz\n", max_size=20),
)
sources = st.lists(pieces, min_size=1, max_size=4).map("".join)


@settings(max_examples=400)
@given(source=sources)
def test_any_template_gives_a_text_or_says_why_not(source: str) -> None:
    for evaluate in (render, compute):
        try:
            found = evaluate(source, Names(NAMES))
        except NotEvaluated as problem:
            assert problem.message
            assert problem.line >= 1
        else:
            assert not isinstance(found, str) or len(found) <= LONGEST_VALUE


@settings(max_examples=200)
@given(expression=st.one_of(st.builds("{} == {}".format, chains, chains), st.text(max_size=30)))
def test_any_condition_is_true_or_false_or_says_why_not(expression: str) -> None:
    try:
        assert holds(expression, Names(NAMES)) in (True, False)
    except NotEvaluated as problem:
        assert problem.message


@given(source=st.text(max_size=60))
def test_any_text_at_all(source: str) -> None:
    try:
        assert isinstance(render(source, Names(NAMES)), str)
    except NotEvaluated as problem:
        assert problem.message_fr


PRIVATE = [
    "{{ a.__class__ }}",
    "{{ d._secret }}",
    "{{ session_user._parts }}",
    "{{ form_var_nom._stored }}",
    "{{ webservice._scope }}",
    "{{ webservice.__init__ }}",
    "{{ __call__ }}",
    "{% with x=form.__dict__ %}{{ x }}{% endwith %}",
    "{% firstof form.__class__ %}",
    "{% for x in form.__dict__ %}{{ x }}{% endfor %}",
    "{% regroup l by __class__ as g %}",
]


@pytest.mark.parametrize("source", PRIVATE)
def test_private_names_are_refused(source: str) -> None:
    site = site_of(form_of(b.text_field("Nom", "nom")), workflow_of())
    with pytest.raises(NotEvaluated):
        render(source, draft(site).scope().names())


@pytest.mark.parametrize(
    "source",
    [
        "{{ form.find }}",
        "{{ form.var.find }}",
        "{{ session_user.roles.pop }}",
        "{{ form_var_nom.getlist }}",
        "{{ webservice.find }}",
    ],
)
def test_methods_give_nothing(source: str) -> None:
    site = site_of(form_of(b.text_field("Nom", "nom")), workflow_of())
    found = render(source, draft(site).scope().names())
    assert "0x" not in found
    assert "object at" not in found


@pytest.mark.parametrize(
    "source",
    [
        "{{ a|center:'999999999' }}",
        "{{ a|ljust:'999999999' }}",
        "{{ n|stringformat:'999999999d' }}",
        "{{ n|floatformat:999999 }}",
        "{{ n|decimal:999999 }}",
        "{{ a|repeat:999999999 }}",
        "{% for x in big %}{% for y in big %}{% for z in big %}.{% endfor %}{% endfor %}{% endfor %}",
        "{% for x in big %}{% for y in big %}{{ a }}{{ a }}{% endfor %}{% endfor %}" * 3,
        "{{ big|join:huge }}",
        "{% with b=huge|add:huge %}{% with c=b|add:b %}{% with d=c|add:c %}{{ d }}{{ c }}{{ b }}{% endwith %}"
        "{% endwith %}{% endwith %}",
        "{{ '1000-01-01'|iterate_days_until:'9999-12-31'|length }}",
    ],
)
def test_nothing_grows_without_end(source: str) -> None:
    names = {**NAMES, "big": list(range(1500)), "huge": "x" * 400_000}
    with pytest.raises(NotEvaluated) as problem:
        render(source, Names(names))
    assert problem.value.kind == "too-long"


def test_a_template_that_is_too_long_or_too_deep_is_refused() -> None:
    for source in ("{{ a }}" * 40_000, "{% if a %}" * 2000 + "{% endif %}" * 2000):
        with pytest.raises(NotEvaluated):
            render(source, Names(NAMES))


def test_numbers_without_bounds_end() -> None:
    for source in (
        "{{ '1e999999999'|decimal }}",
        "{{ '1e999999999'|integer }}",
        "{{ 'NaN'|add:1 }}",
        "{{ 'Infinity'|ceil }}",
    ):
        try:
            compute(source, Names(NAMES))
        except NotEvaluated as problem:
            assert problem.message


# -- keys of bodies (wcs-runtime.md §4.1)

keys = st.text("ab01/", min_size=1, max_size=8)


@given(flat=st.dictionaries(keys, st.integers(), max_size=6))
def test_4_1_nested_keys_give_all_values_or_nothing(flat: dict[str, int]) -> None:
    try:
        tree = nested(flat)
    except BadKeys:
        return
    assert sorted(_leaves(tree)) == sorted(flat.values())


def _leaves(node: Any) -> list[int]:
    if isinstance(node, dict):
        return [leaf for value in node.values() for leaf in _leaves(value)]
    if isinstance(node, list):
        return [leaf for value in node for leaf in _leaves(value)]
    return [node]


trees = st.recursive(
    st.integers(),
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3),
        st.dictionaries(st.text("ab", min_size=1, max_size=3), inner, min_size=1, max_size=3),
    ),
    max_leaves=8,
)


@given(
    tree=st.dictionaries(
        st.text("abc/", min_size=1, max_size=3).filter(lambda k: not k.startswith("/") and not k.endswith("/")),
        trees,
        min_size=1,
        max_size=3,
    )
)
def test_4_1_a_tree_flattened_by_slashes_comes_back(tree: dict[str, Any]) -> None:
    assert nested(_flat(tree)) == tree


def _flat(node: Any, prefix: str = "") -> dict[str, int]:
    if not isinstance(node, dict | list):
        return {prefix: node}
    pairs = node.items() if isinstance(node, dict) else enumerate(node)
    found: dict[str, int] = {}
    for key, value in pairs:
        name = str(key).replace("/", "//")
        found |= _flat(value, f"{prefix}/{name}" if prefix else name)
    return found


@given(
    value=st.recursive(
        st.one_of(
            st.none(),
            st.booleans(),
            st.integers(),
            st.text(),
            st.dates(),
            st.times(),
            st.datetimes(),
            st.decimals(allow_nan=False, allow_infinity=False),
        ),
        lambda i: st.lists(i) | st.dictionaries(st.text(), i),
        max_leaves=6,
    )
)
def test_4_1_what_templates_give_can_be_sent(value: Any) -> None:
    import json

    json.dumps(jsonable(value))
