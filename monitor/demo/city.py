"""The simulated city: its departments and the machines that they run. All of it is made up from one seed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from monitor.demo.behaviours import BEHAVIOURS, USUAL, WHOLE, Answer, Behaviour

if TYPE_CHECKING:
    from collections.abc import Iterator

Traits = NDArray[np.void]  # one structured row a machine
TODAY = date(2026, 9, 18)
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # GB 32100-2015: no I O Z S V
REGION = "379900"  # of no real place

# short name for addresses: name, systems of its own
BUREAUS = {
    "fgw": ("市发展和改革局", "重点项目管理系统", "价格监测系统"),
    "jyj": ("市教育和体育局", "学籍管理系统", "招生报名平台"),
    "kjj": ("市科学技术局", "科技计划申报系统"),
    "gxj": ("市工业和信息化局", "企业服务平台", "能耗监测系统"),
    "gaj": ("市公安局", "户政便民服务系统", "流动人口登记系统"),
    "mzj": ("市民政局", "社会救助系统", "婚姻登记系统", "养老服务平台"),
    "sfj": ("市司法局", "法律援助系统"),
    "czj": ("市财政局", "预算执行系统", "国库支付系统", "政府采购平台"),
    "rsj": ("市人力资源和社会保障局", "社会保险系统", "就业服务平台", "人事档案系统"),
    "zrj": ("市自然资源局", "不动产登记系统", "规划一张图", "地籍管理系统"),
    "sthj": ("市生态环境局", "空气质量监测系统", "污染源在线监控"),
    "zjj": ("市住房和城乡建设局", "工程审批系统", "物业维修资金系统"),
    "jtj": ("市交通运输局", "道路运输管理系统", "公交调度系统"),
    "slj": ("市水利局", "水库雨情监测系统", "河长制信息平台"),
    "nyj": ("市农业农村局", "农产品追溯系统", "土地确权系统"),
    "swj": ("市商务局", "电子商务监测系统"),
    "wlj": ("市文化和旅游局", "文化场馆预约系统"),
    "wjj": ("市卫生健康局", "全民健康信息平台", "预防接种系统", "妇幼保健系统"),
    "tyj": ("市退役军人事务局", "优抚对象管理系统"),
    "yjj": ("市应急管理局", "应急指挥平台", "危化品监管系统"),
    "sjj": ("市审计局", "审计数据分析平台"),
    "scj": ("市市场监督管理局", "企业登记系统", "食品安全监管系统", "特种设备系统"),
    "tjj": ("市统计局", "统计联网直报系统"),
    "ybj": ("市医疗保障局", "医保结算系统", "医保智能审核系统"),
    "xfj": ("市信访局", "信访信息系统"),
    "spj": ("市行政审批服务局", "一网通办平台", "电子证照系统", "政务服务大厅系统"),
    "zfj": ("市综合行政执法局", "数字城管平台", "执法办案系统"),
    "dsj": ("市大数据中心", "数据共享交换平台", "政务云管理平台", "视频会议系统"),
    "gjj": ("市住房公积金管理中心", "公积金业务系统"),
    "daj": ("市档案馆", "数字档案系统"),
}
COMMON = ("协同办公系统", "门户网站")
CONTACTS = ("信息科", "办公室", "信息中心", "综合科")


@dataclass(frozen=True, slots=True)
class Department:
    """`code`: a unified social credit code with true check digits, or an internal code (NB-...)."""

    code: str
    name: str
    email: str
    contact: str


@dataclass(frozen=True, slots=True)
class System:
    """`department` is the department's code."""

    name: str
    department: str


@dataclass(frozen=True, slots=True)
class SimulatedMachine:
    """`department` is a code, `system` a name; the capacity is today's, after any resize."""

    name: str
    department: str
    system: str
    address: str
    vcpus: int
    memory_gib: int
    disk_gib: int
    delivered_on: date
    deployed_on: date
    behaviour: Behaviour
    answer: Answer


@dataclass(frozen=True, slots=True, eq=False)
class City:
    """`traits`: one row a machine, in the order of `machines` (by name); fields of USUAL, capacity, kind.

    `kind` is the place in BEHAVIOURS; `before` the capacity before the resize as a multiple of today's.
    """

    seed: int
    today: date
    departments: tuple[Department, ...]
    systems: tuple[System, ...]
    machines: tuple[SimulatedMachine, ...]
    traits: Traits


def city(departments: int = 30, machines: int = 300, seed: int = 2020, today: date = TODAY) -> City:
    """The same arguments give the same city. Events such as a resize are dated back from `today`."""
    draw = np.random.default_rng([seed, departments, machines])
    offices = tuple(department(number) for number in range(departments))
    systems = tuple(system for number, office in enumerate(offices) for system in systems_of(number, office))
    traits = traits_of(draw, kinds(draw, machines))
    return City(seed, today, offices, systems, tuple(named(draw, systems, traits, today)), traits)


def department(number: int) -> Department:
    """The first thirty have names of their own; further ones are sub-district offices without a code yet."""
    contact = CONTACTS[number % len(CONTACTS)]
    if number < len(BUREAUS):
        short = list(BUREAUS)[number]
        name = BUREAUS[short][0]
        kind = "12" if name.endswith(("中心", "馆")) else "11"
        return Department(credit_code(kind, number + 1), name, f"{short}@city.example", contact)
    office = number - len(BUREAUS) + 1
    return Department(f"NB-{number + 1:04d}", f"市第{office}街道办事处", f"jd{office}@city.example", contact)


def systems_of(number: int, office: Department) -> list[System]:
    own = list(BUREAUS.values())[number][1:] if number < len(BUREAUS) else ("社区治理平台",)
    return [System(name, office.code) for name in (*own, *COMMON[: 1 + number % 2])]


def credit_code(kind: str, number: int) -> str:
    """统一社会信用代码 (GB 32100-2015) around an organisation code (GB 11714) of our own."""
    body = f"MB9{number:05d}"
    inner = 11 - sum(w * int(c, 36) for w, c in zip((3, 7, 9, 10, 5, 8, 4, 2), body, strict=True)) % 11
    first = f"{kind}{REGION}{body}{'X' if inner == 10 else inner % 11}"
    total = sum(pow(3, place, 31) * ALPHABET.index(c) for place, c in enumerate(first))
    return first + ALPHABET[-total % 31]


def kinds(draw: np.random.Generator, machines: int) -> NDArray[np.intp]:
    """Each machine's behaviour as a place in BEHAVIOURS: by share, each at least once where there is room."""
    share = np.array([behaviour.share for behaviour in BEHAVIOURS])
    least = 1 if machines >= len(BEHAVIOURS) else 0
    spread = (machines - least * len(BEHAVIOURS)) * np.cumsum(share) / share.sum()
    count = np.diff(np.rint(spread).astype(int), prepend=0) + least
    return draw.permutation(np.repeat(np.arange(len(BEHAVIOURS)), count))


def traits_of(draw: np.random.Generator, kind: NDArray[np.intp]) -> Traits:
    sizes = ("vcpus", "memory_gib", "disk_gib", "before")
    traits = np.zeros(len(kind), [(name, "f4") for name in (*USUAL, *sizes)] + [("kind", "i4")])
    traits["kind"] = kind
    for name, usual in USUAL.items():
        ranges = np.array([behaviour.traits.get(name, usual) for behaviour in BEHAVIOURS])[kind]
        drawn = ranges[:, 0] + draw.random(len(kind)) * (ranges[:, 1] - ranges[:, 0])
        traits[name] = np.floor(drawn) if name in WHOLE else drawn
    tiny = np.array([behaviour.tiny for behaviour in BEHAVIOURS])[kind]
    vcpus = draw.choice([2, 4, 8, 16, 32], len(kind), p=[0.15, 0.35, 0.3, 0.17, 0.03])
    traits["vcpus"] = np.where(tiny, 1, vcpus)
    traits["memory_gib"] = np.where(tiny, 1, vcpus * draw.choice([2, 4, 8], len(kind), p=[0.5, 0.4, 0.1]))
    disk = draw.choice([100, 200, 300, 500, 1000, 2000], len(kind), p=[0.2, 0.3, 0.2, 0.2, 0.08, 0.02])
    traits["disk_gib"] = np.where(tiny, 20, disk)
    traits["before"] = draw.choice([0.5, 2.0], len(kind))
    return traits


def named(
    draw: np.random.Generator, systems: tuple[System, ...], traits: Traits, today: date
) -> Iterator[SimulatedMachine]:
    """Machines by name; systems differ in size as they do in a city."""
    count = len(traits)
    weight = draw.lognormal(0.0, 0.8, len(systems))
    home = draw.choice(len(systems), count, p=weight / weight.sum())
    slow = draw.random(count) < 0.01
    age = (
        np.where(np.isnan(traits["born"]), draw.integers(200, 900, count), traits["born"])
        .astype(int)
        .tolist()
    )
    sizes = [traits[name].astype(int).tolist() for name in ("vcpus", "memory_gib", "disk_gib", "kind")]
    width = max(5, len(str(count)))
    for number, (vcpus, memory_gib, disk_gib, kind) in enumerate(zip(*sizes, strict=True)):
        behaviour, system = BEHAVIOURS[kind], systems[home[number]]
        delivered = today - timedelta(days=age[number])
        yield SimulatedMachine(
            f"vm-{number + 1:0{width}d}",
            system.department,
            system.name,
            f"10.{32 + number // 50_000}.{number // 250 % 200}.{number % 250 + 1}",
            vcpus,
            memory_gib,
            disk_gib,
            delivered,
            delivered + timedelta(days=number % 9),
            behaviour,
            Answer.SLOWLY if slow[number] and behaviour.answer is Answer.ALWAYS else behaviour.answer,
        )
