"""The code tables of the national guide (政务信息资源目录编制指南) as data: keys of our own, the words of the
forms, and other writings of them. A bare number is no code: the numbers of different systems contradict.
"""

from __future__ import annotations

from dataclasses import dataclass

from catalog.names import key as folded

OTHER = "other"


@dataclass(frozen=True, slots=True)
class Code:
    """One value: its key in the register and in JSON, its Chinese word, and how else it is written."""

    key: str
    word: str
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CodeTable:
    name: str
    codes: tuple[Code, ...]

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(code.key for code in self.codes)

    def word(self, key: str | None) -> str | None:
        """The Chinese word of a key; a key that the table does not have is given back as it is."""
        return next((code.word for code in self.codes if code.key == key), key)

    def find(self, text: str) -> str | None:
        """The key of what somebody wrote; None for what is no value, and for a bare number."""
        wanted = folded(text)
        if not wanted or wanted.isdecimal():
            return None
        for code in self.codes:
            if wanted in {folded(name) for name in (code.key, code.word, *code.aliases)}:
                return code.key
        return None

    def choices(self) -> str:
        """For a message: every word with its key."""
        return ", ".join(f"{code.word} ({code.key})" for code in self.codes)


FILE, SHEET, DATABASE, IMAGE, STREAM, SELF, SERVICE = (
    "file",
    "spreadsheet",
    "database",
    "image",
    "stream",
    "self_described",
    "service",
)
FORMAT_CLASS = CodeTable(
    "format_class",
    (
        Code(FILE, "电子文件", ("文件", "电子文档")),
        Code(SHEET, "电子表格", ("表格",)),
        Code(DATABASE, "数据库", ("数据库表", "库表")),
        Code(IMAGE, "图形图像", ("图形图像类", "图像")),
        Code(STREAM, "流媒体", ("音视频",)),
        Code(SELF, "自描述格式", ("自描述",)),
        Code(SERVICE, "服务接口", ("接口", "服务接口类", "API")),
    ),
)
# Types of each class. A class without types takes the words of format_other.
FORMAT_TYPES: dict[str, tuple[str, ...]] = {
    FILE: ("ofd", "wps", "xml", "txt", "doc", "docx", "html", "pdf", "ppt", "pptx", "csv", "json", OTHER),
    SHEET: ("et", "xls", "xlsx", "csv", OTHER),
    DATABASE: (
        "dm",
        "kingbasees",
        "gbase",
        "oceanbase",
        "access",
        "dbf",
        "dbase",
        "sybase",
        "oracle",
        "sqlserver",
        "db2",
        "mysql",
        "postgresql",
        OTHER,
    ),
    IMAGE: ("jpg", "gif", "bmp", "png", "tif", "dwg", "shp", OTHER),
    STREAM: ("swf", "rm", "mpg", "mp4", "avi", "mp3", OTHER),
    SELF: (OTHER,),
    SERVICE: ("rest", "webservice", OTHER),
}
TYPE_ALIASES = {
    "达梦": "dm",
    "人大金仓": "kingbasees",
    "kingbase": "kingbasees",
    "sysbase": "sybase",
    "mssql": "sqlserver",
    "jpeg": "jpg",
    "tiff": "tif",
    "mpeg": "mpg",
    "接口": "rest",
    "restful": "rest",
    "http": "rest",
    "ws": "webservice",
    "soap": "webservice",
    "其他": OTHER,
    "其它": OTHER,
    "自定义": OTHER,
}
DATA_TYPE = CodeTable(
    "data_type",
    (
        Code(
            "string", "字符型C", ("字符型", "字符串型", "字符串型C", "字符串", "文本", "varchar", "char", "C")
        ),
        Code("number", "数值型N", ("数值型", "数值", "数字", "numeric", "decimal", "N")),
        Code("currency", "货币型Y", ("货币型", "货币", "Y")),
        Code("date", "日期型D", ("日期型", "日期", "D")),
        Code("datetime", "日期时间型T", ("日期时间型", "日期时间", "时间型", "timestamp", "T")),
        Code("boolean", "逻辑型L", ("逻辑型", "布尔型", "bool", "L")),
        Code("memo", "备注型M", ("备注型", "备注", "text", "M")),
        Code("general", "通用型G", ("通用型", "二进制", "blob", "G")),
        Code("double", "双精度型B", ("双精度型", "双精度", "B")),
        Code("integer", "整型I", ("整型", "整数型", "整数", "int", "I")),
        Code("float", "浮点型F", ("浮点型", "浮点", "F")),
    ),
)
UPDATE_PERIOD = CodeTable(
    "update_period",
    (
        Code("realtime", "实时", ("实时更新",)),
        Code("daily", "每日", ("每天", "日", "按日")),
        Code("weekly", "每周", ("周", "按周")),
        Code("monthly", "每月", ("月", "按月")),
        Code("quarterly", "每季度", ("每季", "季度", "按季度")),
        Code("halfyearly", "每半年", ("半年",)),
        Code("yearly", "每年", ("年", "年度", "按年")),
        Code(OTHER, "其他", ("其它", "不定期")),
    ),
)
UNCONDITIONAL, CONDITIONAL, NOT_SHARED, NOT_OPEN = "unconditional", "conditional", "not_shared", "not_open"
SHARE_TYPE = CodeTable(
    "share_type",
    (
        Code(UNCONDITIONAL, "无条件共享", ("无条件",)),
        Code(CONDITIONAL, "有条件共享", ("有条件",)),
        Code(NOT_SHARED, "不予共享", ("不共享", "不予")),
    ),
)
PLATFORM = "platform"
SHARE_MODE_CLASS = CodeTable(
    "share_mode_class",
    (
        Code(PLATFORM, "共享平台方式", ("共享平台", "平台方式", "数据共享交换平台")),
        Code("mail", "邮件方式", ("邮件", "邮件交换")),
        Code("media", "介质方式", ("介质", "拷盘", "介质交换")),
    ),
)
SHARE_MODE_TYPE = CodeTable(
    "share_mode_type",
    (
        Code("database", "数据库", ("库表", "数据库交换")),
        Code("file", "文件", ("文件交换", "文件下载")),
        Code("interface", "接口", ("服务接口", "API", "接口调用")),
    ),
)
# Which ways to share fit a format.
MODES_OF_FORMAT = {
    FILE: ("file",),
    SHEET: ("file",),
    IMAGE: ("file",),
    STREAM: ("file", "interface"),
    SELF: ("file",),
    DATABASE: ("database", "interface"),
    SERVICE: ("interface",),
}
# 是 alone does not say whether conditions are attached: whoever reads a form looks at its 开放条件.
OPEN_TYPE = CodeTable(
    "open_type",
    (
        Code(UNCONDITIONAL, "无条件开放", ("无条件",)),
        Code(CONDITIONAL, "有条件开放", ("依申请开放", "依申请", "有条件")),
        Code(NOT_OPEN, "不予开放", ("不开放", "否")),
    ),
)
NO, YES = "no", "yes"
SECRET_FLAG = CodeTable(
    "secret_flag", (Code(NO, "否", ("非涉密", "不涉密", "无")), Code(YES, "是", ("涉密",)))
)
TABLES = {
    table.name: table
    for table in (
        FORMAT_CLASS,
        DATA_TYPE,
        UPDATE_PERIOD,
        SHARE_TYPE,
        SHARE_MODE_CLASS,
        SHARE_MODE_TYPE,
        OPEN_TYPE,
        SECRET_FLAG,
    )
}


def format_type(text: str) -> str:
    """A format's type as the register writes it: .XLSX and Excel's names of files are one."""
    wanted = folded(text)
    return TYPE_ALIASES.get(wanted, wanted)
