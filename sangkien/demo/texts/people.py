"""Made-up Vietnamese names and how a few authors share one initiative."""

from sangkien.demo.texts.mixing import scatter

Author = tuple[str, str, int]
"""Full name, position, share in percent."""


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


# A name that stands several times is drawn so much more often.
SURNAMES = _words(
    "Nguyễn " * 12 + "Trần " * 5 + "Lê " * 4 + "Phạm " * 3 + "Hoàng Vũ Phan Đặng Bùi Đỗ Hồ Ngô Dương Lý Đinh "
    "Trương Huỳnh Võ Mai Tạ Lương Cao Chu Hà Đào Trịnh Lâm Tô Kiều Nông Vi Quách Thái La Phùng Đoàn Vương"
)
_MALE_MIDDLE = _words("Văn Văn Văn Đức Minh Quang Hữu Xuân Đình Công Quốc Ngọc Thanh Trọng Mạnh Tiến Anh Duy")
_MALE_GIVEN = _words(
    "Hùng Dũng Tuấn Cường Thắng Sơn Hải Long Nam Bình Đạt Khánh Hòa Phong Quân Trung Việt Tùng Kiên Hiếu Thành "
    "Toàn Vinh Lâm Phúc Thịnh Nghĩa Hưng Khoa Lộc Tài Thái Huy Đông Chiến Quý Bách Trường Tiệp Hậu Sáng Lợi"
)
_FEMALE_MIDDLE = _words("Thị Thị Thị Thị Thu Thanh Ngọc Minh Bích Kim Hồng Phương Mai Thùy Diệu Thúy Mỹ")
_FEMALE_GIVEN = _words(
    "Hương Hoa Lan Hà Nga Thảo Linh Trang Hạnh Hiền Yến Oanh Nhung Hằng Huyền Dung Loan Thơm Vân Xuân Liên "
    "Tâm Ngân Quỳnh Châu Giang Hường Duyên Tuyết Chi Mơ Thoa Lệ Nguyệt Phượng Đào Sen Nhàn Uyên Ly Thắm"
)
MALE = tuple(f"{middle} {given}" for middle in _MALE_MIDDLE for given in _MALE_GIVEN if middle != given)
FEMALE = tuple(f"{middle} {given}" for middle in _FEMALE_MIDDLE for given in _FEMALE_GIVEN if middle != given)

SHARES = (
    (60, 40),
    (70, 30),
    (80, 20),
    (55, 45),
    (65, 35),
    (50, 30, 20),
    (60, 20, 20),
    (40, 30, 30),
    (70, 15, 15),
    (40, 25, 20, 15),
    (55, 15, 15, 15),
)


def full_name(bits: int) -> str:
    """A name from 31 bits: surname, then a middle and a given name of one gender."""
    second = MALE if bits & 1 else FEMALE
    return f"{SURNAMES[(bits >> 1 & 1023) % len(SURNAMES)]} {second[(bits >> 11 & 0xFFFFF) % len(second)]}"


def authors_for(number: int, bits: int, jobs: tuple[str, ...]) -> tuple[Author, ...]:
    """One author seven times out of ten, else two to four; the principal one first, shares adding up to 100."""
    chance = (bits >> 32) % 100
    principal = full_name(bits)
    job = jobs[(bits >> 44) % len(jobs)]
    if chance < 70:
        return ((principal, job, 100),)
    shares = SHARES[(bits >> 48) % len(SHARES)]
    found = [(principal, job, shares[0])]
    for place, share in enumerate(shares[1:], start=1):
        more = scatter(number, 0xA5A5 * place)
        name = full_name(more)
        if any(name == other for other, _, _ in found):  # two people of one name would look like a slip
            name = full_name(more >> 13)
        job = jobs[(more >> 44) % len(jobs)]
        if any(job == other for _, other, _ in found):  # one team has one head; the first position is the plain one
            job = jobs[0]
        found.append((name, job, share))
    return tuple(found)
