"""The audit of libraries never takes silence for good news."""

from __future__ import annotations

import pytest

from scripts import audit

HOLE = {"id": "PYSEC-1", "fix_versions": ["2.0"], "aliases": [], "description": ""}


def test_a_library_that_nobody_knows_is_not_a_clean_one() -> None:
    answer = {"dependencies": [{"name": "a", "skip_reason": "not found"}, {"name": "b", "version": "1", "vulns": []}]}
    assert audit.judge(answer) == ([], ["a"])


def test_a_vulnerability_is_named_with_its_remedy() -> None:
    bad, unknown = audit.judge({"dependencies": [{"name": "b", "version": "1", "vulns": [HOLE]}]})
    assert bad == ["b 1: PYSEC-1 (mended in 2.0)"]
    assert not unknown


@pytest.mark.parametrize(
    "answer", [None, {"dependencies": []}, {"dependencies": [{"name": "jinja2", "skip_reason": "not found"}]}]
)
def test_a_service_that_does_not_know_what_is_known_is_no_service(monkeypatch, answer) -> None:
    monkeypatch.setattr(audit, "ask", lambda _file: answer)
    assert not audit.service_answers()


def test_a_service_that_knows_is_asked(monkeypatch) -> None:
    found = {"dependencies": [{"name": "jinja2", "version": "3.1.2", "vulns": [HOLE]}]}
    monkeypatch.setattr(audit, "ask", lambda _file: found)
    assert audit.service_answers()


def test_another_version_than_the_pinned_one_is_told() -> None:
    assert audit.differences("django==1.0 \\\n    --hash=sha256:0\n") == [
        f"django: 1.0 is pinned, {audit.version('django')} is installed"
    ]
    assert audit.differences("nosuchlibrary==1.0 ; sys_platform == 'win32' \\\n") == []


def test_each_outcome_has_its_exit_code(monkeypatch, tmp_path, capsys) -> None:
    monkeypatch.setattr(audit.sys, "prefix", str(tmp_path))
    monkeypatch.setattr(audit, "differences", lambda _text: [])
    monkeypatch.setattr(audit, "service_answers", lambda: False)
    assert audit.main() == 0
    assert "AUDIT SKIPPED" in capsys.readouterr().err
    monkeypatch.setattr(audit, "service_answers", lambda: pytest.fail("asked twice on one day"))
    assert audit.main() == 0
    assert "AUDIT SKIPPED" in capsys.readouterr().err
    for stamp in tmp_path.iterdir():
        stamp.unlink()
    monkeypatch.setattr(audit, "service_answers", lambda: True)
    bad = {"dependencies": [{"name": "b", "version": "1", "vulns": [HOLE]}]}
    monkeypatch.setattr(audit, "ask", lambda _file: bad)
    assert audit.main() == 1
    monkeypatch.setattr(audit, "ask", lambda _file: {"dependencies": [{"name": "b", "version": "1", "vulns": []}]})
    assert audit.main() == 0
    assert "no known vulnerability" in capsys.readouterr().out
