import json, glob, os, time
from pathlib import Path
import pytest
from playwright.sync_api import sync_playwright
from tests.browser.conftest import *
from tests.web.member.conftest import typed as _typed
from tests.factories import make_person, join
from django.test import Client
from django.conf import settings as S
OUT=Path("/tmp/h7s"); OUT.mkdir(exist_ok=True)
from django.utils.translation import trans_real
def patch():
    t=trans_real.translation("vi"); cat=t._catalog
    new={}
    for f in glob.glob("/tmp/tr/*.json"):
        for k,v in json.load(open(f)).items():
            if isinstance(v,list): new[(k,0)]=v[0]
            else: new[k]=v
    cat._catalogs.insert(0,new); cat._plurals.insert(0,t.plural)

@pytest.fixture
def world2(transactional_db):
    patch()
    w=make_world(); w.programme.headline_phase=w.phase; w.programme.save()
    from django.core.cache import cache
    return w

def ctx(browser, live_server, world, width, js=True, person=None):
    c=browser.new_context(base_url=live_server.url, viewport={"width":width,"height":740}, java_script_enabled=js, locale="vi-VN", has_touch=width<500)
    cl=Client(); cl.force_login(person or world.member)
    c.add_cookies([{"name":"sessionid","value":cl.cookies["sessionid"].value,"url":live_server.url}])
    c.set_default_timeout(8000)
    return c
def watch(p, log):
    p.on("console", lambda m: log.append(f"console {m.type}: {m.text}"))
    p.on("pageerror", lambda e: log.append(f"pageerror {e}"))
    p.on("response", lambda r: log.append(f"{r.request.method} {r.status} {r.url.split('/',3)[3]}"))
def shot(p,name,full=True):
    p.screenshot(path=str(OUT/f"{name}.png"), full_page=full)
def test_look(browser, live_server, world2):
    w=world2; log=[]
    c=ctx(browser,live_server,w,1280); p=c.new_page(); watch(p,log)
    p.goto("/gui/"); p.wait_for_timeout(300); shot(p,"pc-empty")
    p.fill("#id_title","Bộ gạt than tự bù mòn cho băng tải lò dọc vỉa")
    p.check("input[name=kind][value=technical_solution]")
    p.fill("#id_applied_on","20/8/2001"); p.fill("#id_benefit","12,5 triệu"); p.fill("#id_recognised_by","Hội đồng")
    p.click("[value=more_authors]"); p.fill("#id_author2_name","Lê Văn Hiếu")
    p.wait_for_timeout(3600); shot(p,"pc-filled"); print(p.url); print(p.inner_text("[data-saved]"))
    p.click(".form-bar [value=submit]"); p.wait_for_load_state(); p.wait_for_timeout(300); shot(p,"pc-errors")
    print(p.evaluate("document.activeElement.id"), p.url)
    p.click(".own summary"); shot(p,"pc-own",False)
    print("\n".join(log)); log.clear()
    c.close()
    c=ctx(browser,live_server,w,360); p=c.new_page(); watch(p,log)
    p.goto("/gui/"); p.wait_for_timeout(300); shot(p,"ph-1", False); shot(p,"ph-1-full")
    p.click("[data-next]"); p.wait_for_timeout(200); shot(p,"ph-2"); print(p.url, p.evaluate("document.activeElement.id"))
    p.fill("#id_title","Bộ gạt than tự bù mòn"); p.fill("#id_applied_on","31/2/2022"); p.check("#id_is_secret"); shot(p,"ph-2-secret"); p.uncheck("#id_is_secret")
    p.fill("#id_problem","Than bùn bám vào lưỡi gạt.")
    p.click("[data-next]"); p.wait_for_timeout(200); p.fill("#id_benefit","1,250 tỷ"); p.press("#id_benefit","Tab"); p.wait_for_timeout(1200); shot(p,"ph-3")
    p.click("[data-next]"); p.wait_for_timeout(200); shot(p,"ph-4"); print(p.url)
    p.go_back(); p.wait_for_timeout(200); print("back", p.url, p.inner_text("[data-step-now]"))
    p.go_back(); p.wait_for_timeout(5500); print("back", p.url, p.inner_text("[data-step-now]")); shot(p,"ph-2-notes")
    c.set_offline(True); p.fill("#id_solution","Gắn hai lưỡi"); p.wait_for_timeout(6000); shot(p,"ph-offline",False); print(p.inner_text("[data-saved]"))
    c.set_offline(False); p.wait_for_timeout(1500); print(p.inner_text("[data-saved]"))
    p.goto("/gui/"); p.wait_for_timeout(300); shot(p,"ph-drafts"); 
    p.click(".menu summary"); shot(p,"ph-menu",False)
    print("\n".join(log))
    c.close()
