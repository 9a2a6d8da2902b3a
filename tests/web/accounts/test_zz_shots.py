import pytest, time, re
from playwright.sync_api import sync_playwright
from django.core import mail
from tests.factories import make_world
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
import os
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]="true"
ARGS=["--no-sandbox","--disable-gpu","--disable-quic","--no-first-run","--disable-background-networking"]
@pytest.mark.django_db(transaction=True)
def test_shots(live_server, settings):
    settings.OFFICERS_NEED_SECOND_FACTOR=True
    make_world()
    with sync_playwright() as p:
        b=p.chromium.launch(executable_path="/usr/bin/chromium",args=ARGS)
        for w in (360,1280):
            ctx=b.new_context(base_url=live_server.url.replace("127.0.0.1","localhost"),viewport={"width":w,"height":780})
            pg=ctx.new_page()
            pg.on("console", lambda m: print("CONSOLE",m.text))
            def shot(n): pg.screenshot(path=f"/tmp/h1shots/{n}-{w}.png",full_page=True); wd=pg.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]"); print(n,wd)
            pg.goto("/dang-nhap/"); shot("login")
            pg.goto("/dang-ky/"); shot("signup")
            pg.fill("[name=full_name]","Trần Thị Hoa"); pg.click("main form button.btn-primary"); shot("signup-wrong")
            pg.fill("[name=contact]",f"hoa{w}@example.vn"); pg.check("[name=consent]"); pg.click("main form button.btn-primary"); shot("code")
            code=re.search(r"\d{6}",mail.outbox[-1].subject)[0]
            pg.fill("[name=code]",code); pg.click("main form button.btn-primary"); print(pg.url)
            pg.goto("/tai-khoan/"); shot("account")
            pg.goto("/tai-khoan/email/"); shot("email")
            pg.goto("/tai-khoan/phien/"); shot("sessions")
            cdp=ctx.new_cdp_session(pg); cdp.send("WebAuthn.enable")
            cdp.send("WebAuthn.addVirtualAuthenticator",{"options":{"protocol":"ctap2","transport":"internal","hasResidentKey":True,"hasUserVerification":True,"isUserVerified":True,"automaticPresenceSimulation":True}})
            pg.goto("/tai-khoan/bao-mat/khoa/them/"); shot("passkey")
            pg.check("[name=passwordless]"); pg.click("form[data-passkey] button"); pg.wait_for_url("**/ma-du-phong/"); shot("recovery")
            pg.goto("/tai-khoan/bao-mat/khoa/"); shot("passkeys")
            pg.goto("/dang-xuat/"); shot("logout"); pg.click("main form button.btn-primary")
            pg.goto("/dang-nhap/?next=/tai-khoan/"); pg.click("form[data-passkey] button"); pg.wait_for_url(lambda u: "dang-nhap" not in u); print("passkey sign in ok")
            pg.goto("/dang-xuat/"); pg.click("main form button.btn-primary")
            pg.goto("/dang-nhap/"); pg.fill("[name=login]","officer"); pg.fill("[name=password]","mat-khau-thu"); pg.click("main form button.btn-primary"); print(pg.url)
            if w==360:
                shot("mfa-index"); pg.click("text=/ứng dụng|Set up the app/ >> nth=0") if False else pg.goto("/tai-khoan/bao-mat/ung-dung/"); shot("totp")
                secret=pg.inner_text(".secret"); pg.fill("[name=code]",format_hotp_value(hotp_value(secret,int(time.time())//30))); pg.click("main form button.btn-primary"); pg.wait_for_url("**/ma-du-phong/"); shot("recovery-officer"); print(pg.url)
                pg.goto("/"); print(pg.url)
            else:
                shot("second-factor")
            pg.goto(live_server.url+"/dang-nhap/"); shot("login-ip")
            ctx.close()
        b.close()
