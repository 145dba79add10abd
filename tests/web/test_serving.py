"""What the program behind the page answers over plain HTTP: pages, files, and what it refuses."""

from __future__ import annotations

import csv
import http.client
import io
import json
import urllib.parse
from typing import Any

import pytest

from ceasefire.analysis.questions import Question, ask
from ceasefire.cli.app import run
from ceasefire.files import InputError
from ceasefire.inference.shipped import choose_posterior
from ceasefire.scenario import load_scenario
from ceasefire.web import serving

SMALL = "draws=200&by=2023-03-21&outcome=killed&days=60"


def get(page: Any, path: str, **headers: str) -> tuple[int, dict[str, str], str]:
    where = urllib.parse.urlsplit(page.url)
    connection = http.client.HTTPConnection(where.hostname or "", where.port, timeout=120)
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    content = answer.read().decode("utf-8", "replace")
    connection.close()
    return answer.status, {name.lower(): text for name, text in answer.getheaders()}, content


@pytest.mark.parametrize("part", ["question", "audit", "offer", "evidence"])
def test_every_part_is_served_with_what_keeps_it_safe(page: Any, part: str) -> None:
    status, headers, content = get(page, f"/?part={part}")
    assert status == 200
    assert f'data-part="{part}"' in content
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "http" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert "http://" not in content.replace('xmlns="http://www.w3.org/2000/svg"', "")
    assert "https://" not in content


@pytest.mark.parametrize(
    "query",
    [
        "part=%3Cscript%3Ealert(1)%3C/script%3E",
        "outcome=%22%3E%3Cscript%3Ealert(1)%3C/script%3E",
        "part=evidence&quantity=%3Cimg%20src=x%20onerror=alert(1)%3E",
        "%3Cscript%3E=1",
    ],
)
def test_markup_in_an_address_is_shown_as_text_and_told(page: Any, query: str) -> None:
    status, _, content = get(page, f"/?{query}")
    assert status == 200
    assert "<script>alert" not in content
    assert "<img src=x" not in content
    start = content.index('id="faults"')
    assert "<p>" in content[start : content.index("</div>", start)]


def test_the_numbers_in_a_file_are_those_of_the_library_and_of_the_command(
    page: Any, tmp_path: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    status, headers, content = get(page, f"/files/question.json?{SMALL}")
    assert status == 200
    assert headers["content-type"] == "application/json"
    assert "attachment" in headers["content-disposition"]
    found = json.loads(content)
    war = load_scenario("ukraine-2022")
    chosen = choose_posterior(war)
    by = war.start.replace(year=2023, month=3, day=21)
    answer = ask(
        Question("killed", by=by, days=60),
        war,
        draws=200,
        start=chosen.start,
        learnt=chosen.learnt,
        effective=chosen.effective,
    )
    assert found["probability"] == answer.probability
    assert found["difference"]["median"] == answer.median
    assert found["conditions"] == [one.to_dict() for one in answer.conditions]
    # The command that stands on the page gives the same.
    words = found["command"].split()[1:]
    assert run([*words, "--json", str(tmp_path / "a.json")]) == 0
    capsys.readouterr()
    again = json.loads((tmp_path / "a.json").read_text())
    assert again == {name: found[name] for name in again}


def test_a_file_of_data_has_the_curve_and_says_what_it_is(page: Any) -> None:
    status, headers, content = get(page, f"/files/question.csv?{SMALL}")
    assert status == 200
    assert headers["content-type"].startswith("text/csv")
    about = [line for line in content.splitlines() if line.startswith("#")]
    assert "ceasefire ask ukraine-2022" in about[2]
    rows = list(csv.DictReader(io.StringIO("\n".join(content.splitlines()[len(about) :]))))
    found = json.loads(get(page, f"/files/question.json?{SMALL}")[2])
    assert len(rows) == 13
    assert float(rows[-1]["difference_median"]) == pytest.approx(found["difference"]["median"])
    assert float(rows[-1]["probability"]) == pytest.approx(found["probability"])


def test_pictures_are_files_too(page: Any) -> None:
    status, headers, content = get(page, f"/files/question.svg?{SMALL}")
    assert (status, headers["content-type"]) == (200, "image/svg+xml")
    assert content.startswith("<svg")
    assert "simulated wars" in content
    status, headers, content = get(page, "/files/evidence.png?concept=killed&side=RU")
    assert (status, headers["content-type"]) == (200, "image/png")
    assert content[1:4] == "PNG"


def test_the_figures_of_a_file_are_those_of_the_evidence(page: Any) -> None:
    content = get(page, "/files/evidence.csv?concept=killed&side=RU&known=2022-12-20")[2]
    rows = list(csv.DictReader(io.StringIO(content)))
    there = page.workshop.evidence().ask(
        "personnel_losses", concept="killed", side="RU", known_by="2022-12-20"
    )
    assert len(rows) == len(there) > 0
    assert {row["source"] for row in rows} == set(there["source"])
    assert all(row["known_on"] <= "2022-12-20" for row in rows)


@pytest.mark.parametrize(
    ("path", "status", "says"),
    [
        ("/files/question.csv?days=0", 400, "a whole number from 1"),
        ("/files/question.csv?outcome=ground_lost", 400, "outcome"),
        ("/files/question.csv?start=2030-01-01", 400, "cannot begin"),
        ("/files/question.csv?by=2022-12-21", 400, "what can be asked"),
        ("/files/question.csv?nothing=1", 400, "does not have"),
        ("/files/evidence.csv?quantity=nothing", 400, "no such choice"),
        ("/files/question.exe", 404, "no such file"),
        ("/files/nothing.csv", 404, "no such file"),
        ("/files/..%2f..%2fetc%2fpasswd", 404, ""),
        ("/static/..%2fserving.py", 404, ""),
        ("/static/question.html.j2", 404, "no such file"),
        ("/files/question.csv?days=" + "1" * 5000, 414, "too long"),
    ],
)
def test_what_cannot_be_had_is_refused_in_words(page: Any, path: str, status: int, says: str) -> None:
    found, _, content = get(page, path)
    assert found == status
    assert says in content
    assert "Traceback" not in content


def test_a_page_of_another_name_or_another_origin_is_refused(page: Any) -> None:
    status, _, content = get(page, "/", Host="evil.example")
    assert status == 403
    assert "another name" in content
    port = urllib.parse.urlsplit(page.url).port
    upgrade = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
    }
    assert get(page, "/websocket/", **upgrade, Origin="http://evil.example")[0] == 403
    assert get(page, "/websocket/", **upgrade)[0] == 403
    assert get(page, "/session/x/upload/y", Origin=f"http://127.0.0.1:{port}")[0] == 403


def test_a_file_of_an_audit_says_what_was_switched_off_and_what_was_not(page: Any) -> None:
    one = "/files/audit.csv?article=two-claims&claim=killed-in-300-days"
    _, _, plain = get(page, one)
    status, _, off = get(page, f"{one}&off=csis+us_government+registry_excess_deaths+rosstat_excess_deaths")
    assert status == 200
    assert "switched off: csis" in off.splitlines()[0]
    assert "--without csis" in off.splitlines()[0]
    assert off.splitlines()[-1] != plain.splitlines()[-1]
    # Nothing is switched off in a list of claims: the file does not say so, and is the same.
    _, _, listed = get(page, "/files/audit.csv?article=two-claims")
    assert get(page, "/files/audit.csv?article=two-claims&off=csis&posterior=prior")[2] == listed
    assert "switched off" not in listed
    found = json.loads(get(page, f"{one.replace('csv', 'json')}&without=sanctions")[2])
    assert found["command"] is None
    assert found["switched_off"]["without"] == ["sanctions"]
    assert [claim["id"] for claim in found["claims"]] == ["killed-in-300-days"]


def test_a_file_of_an_offer_is_what_the_library_says(page: Any) -> None:
    status, _, content = get(page, "/files/offer.json?scenario=invented-war&days=60&prior=0.00002")
    assert status == 200
    found = json.loads(content)
    assert found["prior"] == 2e-5
    assert "--prior 2e-05" in found["command"]
    assert len(found["curve"]) == 21


def test_files_are_for_this_page_alone(page: Any) -> None:
    status, _, content = get(page, f"/files/question.csv?{SMALL}", **{"Sec-Fetch-Site": "cross-site"})
    assert status == 403
    assert "Another page" in content


def test_any_address_of_this_machine_that_it_listens_on_is_its_name() -> None:
    assert serving._is_local("127.0.0.2")
    app = serving.application(hosts=serving.LOCAL_NAMES | {"127.0.0.2"})
    app.state.workshop.desk.close()


def test_a_port_that_is_taken_is_an_error_for_people(page: Any) -> None:
    port = urllib.parse.urlsplit(page.url).port
    with pytest.raises(InputError, match=f"port {port}"):
        serving.serve(port=port or 0, told=lambda _: None)


def test_listening_to_the_network_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving.uvicorn.Server, "run", lambda self, sockets: sockets[0].close())
    said: list[str] = []
    serving.serve(host="0.0.0.0", port=0, told=said.append)
    assert "whoever can reach this machine" in said[1]
    said.clear()
    serving.serve(port=0, told=said.append)
    assert len(said) == 1
    assert "http://127.0.0.1:" in said[0]


def test_a_file_of_ones_own_can_be_asked_about_and_a_wrong_one_is_told(tmp_path: Any) -> None:
    from ceasefire.scenario import template

    own = tmp_path / "own.yaml"
    own.write_text(template(), encoding="utf-8")
    app = serving.application(scenarios=[str(own)])
    name = load_scenario(own).name
    assert name in app.state.workshop.scenarios
    assert app.state.workshop.scenario(name).path == str(own)
    app.state.workshop.desk.close()
    with pytest.raises(InputError):
        serving.application(scenarios=[str(tmp_path / "none.yaml")])
