"""What the program behind the page answers over plain HTTP: pages, files, and what it refuses."""

from __future__ import annotations

import asyncio
import contextlib
import csv
import http.client
import io
import json
import re
import time
import urllib.parse
from collections.abc import Callable
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from ceasefire.analysis.questions import Question, ask
from ceasefire.cli.app import run
from ceasefire.files import InputError
from ceasefire.inference.shipped import choose_posterior
from ceasefire.scenario import load_scenario
from ceasefire.web import limits, serving
from ceasefire.web.limits import Allowance, Line, Patience, Rate

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


@pytest.mark.thorough
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


NO_PLACE = ("/etc/passwd", "../../../../etc/passwd", "file:///etc/passwd")


@pytest.mark.parametrize("slot", ["question.json?scenario", "question.json?posterior", "audit.json?article"])
def test_a_browser_names_no_file_of_the_machine(page: Any, slot: str, tmp_path: Any) -> None:
    """Not even one that could be read: what can be asked for are names that the program gave out."""
    from ceasefire.claims.loading import SHIPPED
    from ceasefire.inference import shipped
    from ceasefire.scenario import template

    own = tmp_path / "own.yaml"
    own.write_text(template(), encoding="utf-8")
    posterior = shipped.folder() / f"{shipped.shipped_posteriors()[0]}.nc"
    for name in (*NO_PLACE, str(own), str(posterior), str(SHIPPED / "predictions-of-2022.yaml")):
        status, _, content = get(page, f"/files/{slot}={urllib.parse.quote(name, safe='')}")
        assert status == 400
        assert "root:" not in content


@pytest.mark.parametrize("folder", ["/", "/static/", "/files/", "/lib/", "/shared/", "/session/x/download/"])
@pytest.mark.parametrize(
    "up", ["../../../../etc/passwd", "..%2f..%2f..%2fetc%2fpasswd", "%2e%2e/%2e%2e/etc/passwd"]
)
def test_no_path_leads_out_of_the_page(page: Any, folder: str, up: str) -> None:
    status, _, content = get(page, f"{folder}{up}")
    assert status == 404
    assert "root:" not in content


def test_files_of_the_libraries_that_the_page_uses_lead_nowhere_else(page: Any) -> None:
    content = get(page, "/")[2]
    path = re.findall(r'src="(lib/[^"]+\.js)"', content)[0]
    assert get(page, f"/{path}")[0] == 200
    folder = path.rpartition("/")[0]
    for up in ("../", "..%2f", "%2e%2e%2f"):
        assert get(page, f"/{folder}/{up * 12}etc/passwd")[0] == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
@pytest.mark.parametrize("path", ["/", "/files/question.json", "/static/page.js", "/session/x/uploadinit/y"])
def test_nothing_can_be_sent_to_a_page(page: Any, method: str, path: str) -> None:
    where = urllib.parse.urlsplit(page.url)
    connection = http.client.HTTPConnection(where.hostname or "", where.port, timeout=60)
    connection.request(method, path, body=None if method == "TRACE" else b"x" * 10)
    answer = connection.getresponse()
    assert answer.status in {403, 405}
    assert answer.getheader("x-content-type-options") == "nosniff"
    connection.close()


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/static/page.css",
        "/files/nothing.csv",
        "/nothing",
        "/session/x/download/y",
        "/files/x?" + "y" * 5000,
    ],
)
def test_every_answer_says_what_a_browser_may_do_with_it(page: Any, path: str) -> None:
    headers = get(page, path)[1]
    for name, text in serving.HEADERS.items():
        assert headers[name] == text
    for rule in ("default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"):
        assert rule in headers["content-security-policy"]
    assert headers["referrer-policy"] == "no-referrer"


# How often, and how long


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_an_allowance_is_used_up_and_fills_again_for_each_by_himself() -> None:
    clock = Clock()
    allowance = Allowance(Rate(2.0, 3), clock)
    assert [allowance.takes("one") for _ in range(5)] == [True, True, True, False, False]
    assert allowance.takes("another")
    clock.now = 0.4
    assert not allowance.takes("one")
    clock.now = 0.5
    assert [allowance.takes("one") for _ in range(2)] == [True, False]
    clock.now = 1000.0
    assert [allowance.takes("one") for _ in range(4)] == [True, True, True, False]


def test_an_allowance_remembers_so_many_visitors_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_REMEMBERED", 10)
    allowance = Allowance(Rate(1.0, 1), Clock())
    for number in range(100):
        assert allowance.takes(number)
    assert len(allowance._left) == 10
    assert not allowance.takes(99)


def asked(guard: Any, whose: str, **more: Any) -> int:
    """Return the status with which a request is answered."""
    said: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": b""}

    async def send(message: Any) -> None:
        said.append(message)

    scope = {
        "type": "http", "method": "GET", "path": "/static/page.js", "query_string": b"", "headers": [],
        "client": (whose, 1), **more,
    }  # fmt: skip
    asyncio.run(guard(scope, receive, send))
    return int(said[0]["status"])


async def nothing(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})


def test_who_asks_too_often_is_refused_and_others_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "REQUESTS_OF_ONE", Rate(0.001, 20))
    monkeypatch.setattr(serving, "REQUESTS_OF_ALL", Rate(0.001, 50))
    guard = serving._Guard(nothing, hosts=None, visitors={})
    assert [asked(guard, "a") for _ in range(22)] == [204] * 20 + [429] * 2
    assert [asked(guard, "b") for _ in range(22)] == [204] * 20 + [429] * 2
    # And all of them together.
    assert [asked(guard, f"c{number}") for number in range(12)] == [204] * 10 + [429] * 2


def test_a_page_that_opens_is_far_from_the_limits(page: Any) -> None:
    content = get(page, "/")[2]
    files = re.findall(r'(?:src|href)="((?:lib|static)/[^"]+)"', content)
    assert 5 < len(files) < serving.REQUESTS_OF_ONE.at_once / 5


def speaks(page: Any) -> Any:
    """Return a connection as a page has it."""
    where = page.url.removeprefix("http://")
    return connect(f"ws://{where}/websocket/", origin=page.url)


INIT = json.dumps({"method": "init", "data": {"viewport": "wide", ".clientdata_url_search": ""}})


def until_closed(socket: Any) -> tuple[int, str, list[Any]]:
    """Return the code and reason with which a connection is ended, and what was said before."""
    heard = []
    try:
        while True:
            heard.append(json.loads(socket.recv(timeout=30)))
    except ConnectionClosed as closed:
        code, reason = (closed.rcvd.code, closed.rcvd.reason) if closed.rcvd else (0, "")
    return code, reason, heard


def waits_for(what: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 30
    while not what() and time.monotonic() < deadline:
        time.sleep(0.02)
    return what()


def test_a_connection_that_never_says_a_word_is_ended(page: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "PATIENCE", Patience(0.3, 60.0))
    with speaks(page) as socket:
        code, reason, _ = until_closed(socket)
    assert (code, reason) == limits.SILENT


def test_a_page_on_which_nothing_is_moved_gives_its_place_away_and_is_told(
    page: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "PATIENCE", Patience(30.0, 0.6))
    with speaks(page) as socket:
        socket.send(INIT)
        code, reason, heard = until_closed(socket)
    assert (code, reason) == limits.RESTED
    assert heard[-1] == {"custom": {"ended": {"what": limits.RESTED.reason}}}
    assert "Nothing is lost" in reason


def test_a_page_that_is_used_is_kept(page: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "PATIENCE", Patience(30.0, 1.0))
    with speaks(page) as socket:
        socket.send(INIT)
        for number in range(8):
            time.sleep(0.25)
            socket.send(
                json.dumps({"method": "update", "data": {"viewport": "narrow" if number % 2 else "wide"}})
            )
        assert socket.ping().wait(30)


def test_who_says_too_much_at_once_is_ended_and_told(page: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "MESSAGES_OF_ONE", Rate(0.001, 5))
    with speaks(page) as socket:
        socket.send(INIT)
        with contextlib.suppress(ConnectionClosed):
            for _ in range(20):
                socket.send(json.dumps({"method": "update", "data": {"viewport": "wide"}}))
        code, reason, heard = until_closed(socket)
    assert (code, reason) == limits.TOO_OFTEN
    assert heard[-1]["custom"]["ended"]["what"] == reason


def test_a_message_that_is_too_long_is_not_read(page: Any) -> None:
    with speaks(page) as socket:
        socket.send(INIT)
        with contextlib.suppress(ConnectionClosed):
            socket.send(json.dumps({"method": "update", "data": {"x": "y" * (serving.LARGEST_MESSAGE + 1)}}))
        assert until_closed(socket)[0] == 1009


@pytest.mark.thorough
def test_a_place_that_was_given_away_is_free(page: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """With room for two, two that say nothing keep a third out until they are ended."""
    monkeypatch.setattr(serving, "PATIENCE", Patience(6.0, 60.0))
    with speaks(page) as first, speaks(page) as second:
        visitors = page.user_middleware[0].kwargs["visitors"]
        assert waits_for(lambda: len(visitors) >= 2)
        there = len(visitors)
        monkeypatch.setattr(serving, "MOST_VISITORS", there)
        assert get(page, "/")[0] == 503
        with pytest.raises(InvalidStatus):
            speaks(page)
        assert until_closed(first)[0] == until_closed(second)[0] == limits.SILENT.code
        assert waits_for(lambda: get(page, "/")[0] == 200)


def test_where_all_say_too_much_each_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    async def heard() -> float:
        queue: asyncio.Queue[Any] = asyncio.Queue()
        for _ in range(3):
            queue.put_nowait({"type": "websocket.receive", "text": "{}"})
        line = Line(queue.get, unsaid, Patience(60.0, 60.0), Allowance(Rate(1, 10)), Allowance(Rate(10, 2)))
        started = time.monotonic()
        for _ in range(3):
            assert (await line.hear())["type"] == "websocket.receive"
        line.close()
        return time.monotonic() - started

    async def unsaid(message: Any) -> None:
        raise AssertionError(message)

    assert asyncio.run(heard()) > 0.05


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
