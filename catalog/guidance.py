"""What the empty form tells departments, in Chinese, and its example."""

from __future__ import annotations

GUIDANCE = (
    "一个信息资源一组行：每个信息项占一行，资源各栏可以合并单元格，也可以每行重复，或只填第一行。",
    "信息资源代码由系统赋予：新资源留空；修改已有资源时照抄系统中的代码，不得更改。",
    (
        "类、项、目、细目填写名称或代码数字均可；代码栏、统一社会信用代码栏请保持“文本”格式，"
        "否则 18 位代码会变成 1.13702E+17 并丢失尾数。"
    ),
    "提供方填写单位全称，或填写 18 位统一社会信用代码；两栏都填时必须一致。",
    (
        "有条件共享、不予共享必须写明共享依据：法律、法规、规章的名称和条款，如《中华人民共和国个人信息保护法》第十三条；"
        "多个依据用分号分隔。“内部规定”“领导要求”不是依据。"
    ),
    "不予共享的不得开放；含个人信息的不得无条件开放。",
    "涉密信息资源不得填入本表；涉密属性为“是”的行一律拒收，不予保存。",
    "空单元格表示保留系统中原有内容；要清空原有内容，请填“无”。",
    "日期填写 2026-07-01 或 2026年7月1日；下拉选项请填写文字，不要只填数字代号。",
    "“示例”行、合计行、填表说明行导入时自动跳过。",
)
DEMANDS = {
    "resource_code": "系统赋码",
    "class_4": "选填",
    "provider_name": "二者必填一",
    "provider_code": "二者必填一",
    "item_name": "有条件必填",
    "item_data_type": "有条件必填",
}
HINTS = {
    **dict.fromkeys(("class_1", "class_2", "class_3", "class_4"), "系统分类中的名称或代码数字，逐级填写"),
    "resource_code": "新资源留空；已有资源照抄，如 307003/000012",
    "provider_name": "单位全称",
    "provider_code": "18 位统一社会信用代码（文本格式）",
    "format_type": "见代码表；填“其他”时须填写其他类型资源格式描述",
    "item_name": "电子表格、数据库、服务接口类资源必填，每个信息项一行",
    "item_source": "是、否：本单位是否为该信息项的数源",
    "item_personal": "是、否",
    "basis": "法律、法规、规章名称和条款；有条件共享、不予共享时必填",
    "published_on": "如 2026-07-01；留空则为实际发布之日",
    "related_codes": "已有资源代码，多个用顿号分隔",
}
EXAMPLE = {
    "class_1": "示例",
    "title": "最低生活保障对象信息",
    "provider_name": "市民政局",
    "provider_unit": "社会救助科",
    "abstract": "全市城乡最低生活保障对象的基本情况和保障金额",
    "format_class": "数据库",
    "format_type": "mysql",
    "storage_total": "12",
    "records_total": "3.5",
    "share_type": "有条件共享",
    "share_condition": "仅用于社会救助资格核对，不得转给第三方",
    "basis": "《中华人民共和国个人信息保护法》第十三条",
    "share_mode_class": "共享平台方式",
    "share_mode_type": "接口",
    "open_type": "不予开放",
    "update_period": "每月",
    "use_requirement": "只用于申请时说明的用途",
    "secret_flag": "否",
    "contact": "张三",
    "phone": "0532-00000000",
}
EXAMPLE_ITEMS = (
    {"item_name": "姓名", "item_data_type": "字符型C", "item_length": "50", "item_personal": "是"},
    {"item_name": "身份证号", "item_data_type": "字符型C", "item_length": "18", "item_personal": "是"},
    {"item_name": "月保障金额", "item_data_type": "货币型Y", "item_length": "10,2", "item_source": "是"},
)
