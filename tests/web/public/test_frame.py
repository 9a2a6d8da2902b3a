"""What stands around every page: navigation, language, refusals."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.test import Client, RequestFactory

from sangkien.core.errors import Conflict, InvalidInput, NotAllowed, NotFound, SangKienError
from sangkien.web.errors import ErrorPagesMiddleware
from sangkien.web.security import CONTENT_SECURITY_POLICY
from tests.factories import World
from tests.web.public.conftest import Page

PAGES = ("/", "/bang-xep-hang/", "/bang-xep-hang/HNI/", "/don-vi/HNI/", "/cach-tinh/")


@pytest.mark.parametrize("path", PAGES)
def test_every_page_has_one_heading_a_way_past_the_navigation_and_the_notice(
    world: World, page: Page, path: str
) -> None:
    world.programme.notice_vi = "Dữ liệu minh họa"
    world.programme.save()
    shown = page(path)
    assert shown.count("<h1") == 1
    assert 'href="#noi-dung"' in shown
    assert "Dữ liệu minh họa" in shown.split("<footer")[1]


@pytest.mark.parametrize("path", PAGES)
def test_the_language_of_a_page_is_a_plain_link_away(world: World, client: Client, path: str) -> None:
    back = client.get("/ngon-ngu/en/", {"ve": path})
    assert back.status_code == 302
    assert back.headers["Location"] == path
    assert '<html lang="en">' in client.get(path).content.decode()
    client.get("/ngon-ngu/vi/", {"ve": path})
    assert '<html lang="vi">' in client.get(path, headers={"Accept-Language": "en"}).content.decode()


def test_pages_are_vietnamese_whatever_the_browser_asks_for(world: World, client: Client) -> None:
    answer = client.get("/", headers={"Accept-Language": "en"})
    assert '<html lang="vi">' in answer.content.decode()
    assert answer.headers["Content-Language"] == "vi"


@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", ""])
def test_choosing_a_language_never_leads_elsewhere(db: None, client: Client, back: str) -> None:
    assert client.get("/ngon-ngu/en/", {"ve": back}).headers["Location"] in ("/", "")


def test_a_language_that_is_not_spoken_here_is_not_found(db: None, client: Client) -> None:
    assert client.get("/ngon-ngu/fr/").status_code == 404


def test_the_page_where_one_is_is_marked_in_the_navigation(world: World, page: Page) -> None:
    navigation = page("/don-vi/HNI/").split("<nav")[1].split("</nav>")[0]
    assert navigation.count("aria-current") == 1
    assert '<a href="/bang-xep-hang/" aria-current="page">' in navigation


def test_an_address_that_does_not_exist_is_explained(world: World, page: Page) -> None:
    assert "Không có trang này" in page("/khong-co/", status=404)


@pytest.mark.parametrize(
    ("error", "status"), [(NotAllowed(), 403), (NotFound(), 404), (Conflict(), 409), (InvalidInput(), 422)]
)
def test_a_refusal_becomes_a_page_with_its_status_and_its_words(
    db: None, rf: RequestFactory, error: SangKienError, status: int
) -> None:
    answer = ErrorPagesMiddleware(lambda request: HttpResponse()).process_exception(rf.get("/don-vi/X/"), error)
    assert answer is not None
    assert answer.status_code == status
    assert str(error) in answer.content.decode()


def test_the_api_writes_its_own_refusals_and_other_errors_are_left_alone(rf: RequestFactory) -> None:
    middleware = ErrorPagesMiddleware(lambda request: HttpResponse())
    assert middleware.process_exception(rf.get("/api/v1/units"), NotFound()) is None
    assert middleware.process_exception(HttpRequest(), ValueError()) is None


def test_the_page_for_our_own_faults_needs_nothing_but_the_style(rf: RequestFactory) -> None:
    shown = render_to_string("500.html")
    assert "Hệ thống gặp lỗi" in shown
    assert "Something went wrong" in shown


def test_only_our_own_scripts_may_run_and_nothing_may_be_framed() -> None:
    assert "script-src 'self'" in CONTENT_SECURITY_POLICY.split("; ")  # and nothing inline
    assert "default-src 'none'" in CONTENT_SECURITY_POLICY
    assert "frame-ancestors 'none'" in CONTENT_SECURITY_POLICY
    assert "unsafe" not in CONTENT_SECURITY_POLICY
    assert "sangkien.web.security.ContentSecurityPolicyMiddleware" in settings.MIDDLEWARE
    assert "sangkien.web.errors.ErrorPagesMiddleware" in settings.MIDDLEWARE


def test_somebody_signed_in_is_named_and_can_sign_out(world: World, client: Client) -> None:
    client.force_login(world.member)
    shown = client.get("/").content.decode()
    assert world.member.full_name in shown
    assert "Đăng xuất" in shown
    assert "Đăng nhập" not in shown
    assert "csrfmiddlewaretoken" in shown


def test_a_visitor_gets_no_cookie_and_no_token(world: World, client: Client) -> None:
    response = client.get("/")
    assert not response.cookies
    assert "csrfmiddlewaretoken" not in response.content.decode()
