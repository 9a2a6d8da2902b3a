"""Short messages: on the terminal, or through any HTTP gateway."""

from __future__ import annotations

import socket
import threading

import pytest
from pytest_django import Settings

from sangkien.notices.sms import SmsFailed, is_available, send_sms
from tests.notices.mailserver import Gateway

PHONE = "+84912345679"


def test_the_gateway_is_called_as_the_settings_say(gateway: Gateway) -> None:
    send_sms(PHONE, 'Mã "123456" {phone} \\ xong', message_id="abc")
    ((method, path, headers, body),) = gateway.requests
    assert (method, path) == ("POST", "/send?to=84912345679")
    assert headers["Authorization"] == "Bearer secret"
    text = 'Mã "123456" {phone} \\ xong'
    assert body == {"id": "abc", "to": PHONE, "parts": [{"text": text}], "unicode": True}


def test_a_gateway_that_is_asked_by_get_gets_everything_in_the_address(gateway: Gateway, settings: Settings) -> None:
    settings.SMS_METHOD, settings.SMS_URL = "GET", f"{gateway.url}/?to={{phone}}&text={{text}}"
    send_sms(PHONE, "Mã 1&2")
    ((method, path, _headers, body),) = gateway.requests
    assert (method, path, body) == ("GET", "/?to=%2B84912345679&text=M%C3%A3%201%262", None)


@pytest.mark.parametrize(("status", "is_final"), [(400, True), (403, True), (408, False), (429, False), (503, False)])
def test_a_refusal_says_whether_trying_again_is_of_use(gateway: Gateway, status: int, is_final: bool) -> None:
    gateway.statuses = [status]
    with pytest.raises(SmsFailed, match=str(status)) as refused:
        send_sms(PHONE, "x")
    assert (refused.value.is_final, refused.value.is_unsure) == (is_final, False)


def test_a_gateway_that_cannot_be_reached_may_be_tried_again(settings: Settings, gateway: Gateway) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        settings.SMS_URL = f"http://127.0.0.1:{free.getsockname()[1]}/"
        with pytest.raises(SmsFailed) as refused:
            send_sms(PHONE, "x")
    assert (refused.value.is_final, refused.value.is_unsure) == (False, False)


def test_a_gateway_that_hangs_up_leaves_it_open_whether_it_took_the_message(
    settings: Settings, gateway: Gateway
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        settings.SMS_URL = f"http://127.0.0.1:{server.getsockname()[1]}/"

        def hang_up() -> None:
            connection, _address = server.accept()
            connection.recv(65_536)
            connection.close()

        thread = threading.Thread(target=hang_up)
        thread.start()
        with pytest.raises(SmsFailed) as refused:
            send_sms(PHONE, "x")
        thread.join()
    assert refused.value.is_unsure


def test_a_trial_shows_the_message_on_the_terminal_and_hides_the_number(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.SMS_SENDER = "console"
    send_sms(PHONE, "Mã 123456")
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", "SMS to +84…9: Mã 123456\n")


def test_a_server_without_a_gateway_says_so_and_shows_nothing(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.SMS_SENDER = "none"
    assert not is_available()
    with pytest.raises(SmsFailed, match="SMS_URL"):
        send_sms(PHONE, "Mã 123456")
    assert capsys.readouterr().err == ""
