"""What is found below each kind of upper-level union: mixes of workplaces, and how unions are called."""

from __future__ import annotations

# sort of workplace: weight among the grassroots unions of an upper-level union
DISTRICT = {"school": 46, "health": 5, "public": 6, "company": 25, "commune": 12, "office": 6}
EDUCATION = {"high_school": 90, "public": 10}
HEALTH = {"health": 94, "office": 6}
OFFICES = {"office": 62, "public": 38}
COMPANIES = {"company": 100}
TRADE_UNION_OF_INDUSTRY = {"company": 66, "public": 22, "office": 12}
CENTRAL: dict[str, tuple[str, dict[str, int]]] = {
    "CDGD": ("Công đoàn Đại học {p}", {"university": 70, "high_school": 30}),
    "CDYT": ("Công đoàn Bệnh viện Trung ương {p}", {"health": 90, "university": 10}),
    "CDVC": ("Công đoàn Cơ quan Bộ {p}", {"office": 60, "public": 40}),
    "CDCAND": ("Công đoàn Cụm đơn vị {p}", {"plant": 45, "health": 25, "public": 30}),
    "CDQP": ("Công đoàn Cụm nhà máy {p}", {"plant": 80, "health": 20}),
    "CDCT": ("Công đoàn Tổng công ty {p}", {"company": 80, "high_school": 20}),
    "CDNN": ("Công đoàn Tổng công ty Nông nghiệp {p}", {"company": 55, "university": 30, "office": 15}),
    "CDGTVT": ("Công đoàn Tổng công ty Giao thông {p}", {"company": 75, "office": 15, "high_school": 10}),
    "CDXD": ("Công đoàn Tổng công ty Xây dựng {p}", {"company": 85, "high_school": 15}),
    "CDNH": ("Công đoàn Ngân hàng {p}", {"bank": 100}),
    "CDTTTT": ("Công đoàn Viễn thông {p}", {"telecom": 100}),
    "CDDK": ("Công đoàn Công ty Dầu khí {p}", {"plant": 70, "company": 30}),
    "CDDL": ("Công đoàn Công ty Điện lực {p}", {"plant": 100}),
    "CDTKV": ("Công đoàn Công ty Than {p}", {"plant": 100}),
    "CDCS": ("Công đoàn Công ty Cao su {p}", {"plant": 90, "health": 10}),
    "CDDM": ("Công đoàn Tổng công ty May {p}", {"plant": 60, "company": 40}),
    "CDDS": ("Công đoàn Công ty Đường sắt {p}", {"plant": 100}),
    "CDHK": ("Công đoàn Xí nghiệp Hàng không {p}", {"plant": 100}),
    "CDHH": ("Công đoàn Công ty Vận tải biển {p}", {"plant": 60, "company": 40}),
}
SECTORS = (
    ("GD", "local_sector_union", "Công đoàn ngành Giáo dục {p}", "{p} Education Trade Union", EDUCATION),
    ("VC", "local_sector_union", "Công đoàn Viên chức {p}", "{p} Public Servants Trade Union", OFFICES),
    (
        "KCN",
        "zone_union",
        "Công đoàn các khu công nghiệp {p}",
        "Trade Union of {p} Industrial Parks",
        COMPANIES,
    ),
)
REAL_SUFFIX = {
    "GD": EDUCATION,
    "YT": HEALTH,
    "VC": OFFICES,
    "KCN": COMPANIES,
    "KCX": COMPANIES,
    "KCNC": COMPANIES,
    "KKTNS": COMPANIES,
}
