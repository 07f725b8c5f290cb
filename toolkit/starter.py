"""`xlreport init`: a new collection from the shipped templates."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from toolkit.collection import ROSTER, shipped_templates
from toolkit.settings import SETTINGS, CollectionError
from toolkit.writers.roster import write_roster

_SETTINGS = """\
# 汇总文件夹的设置；金额、表样、规则都写在 templates/forms/*.toml，这里只写与表样不同之处
title = "部门整体支出绩效自评汇总"
district = ""               # 区名，如 "花都区"
# fiscal_year = 2024        # 预算年度；各单位年度不同时写在名册里
# previous = "../2023"       # 上年的汇总文件夹或 报送.xlsx：填补、核对上年数，作上年对比
# due = 2025-03-31          # 报送截止日期；各单位不同时写在名册里
forms = ["department", "project"]
# passwords = ["2024"]      # 有打开密码的工作簿、压缩包，逐个试这些密码
# workbooks = "../收到"      # 收到的文件和名册在别处；也可以写网络存储的地址，见用户指南第七节
# out = "../汇总结果"        # 输出放在别处，同上

[narratives]                # templates/narratives/ 下的 Word 模板；写 "" 则不出该类报告
department = "单位自评报告.docx"
project = "项目自评报告.docx"
collection = "汇总报告.docx"
reminder = "催报通知.docx"    # 给单位的通知，xlreport notices 用
returned = "退回通知.docx"

# [[narrative]]             # 某年度、某单位或某表样另用一个模板；同时适用几条的，按单位、年度、表样的顺序取
# year = 2024
# template = "单位自评表说明.docx"

# [rules.N07]               # 按问题代码另定级别：error 必改、explain 需说明、note 提示、off 不查
# severity = "note"
# probation = 2025-12-31    # 试行到这一天，只提示

# [rules.indicators]        # 按规则编号改参数；只改一种表样写 [rules.project.indicators]
# over_limit = 1.5

# [[waiver]]                # 已核实的需说明问题；也可登记在 说明.xlsx
# unit = "××街道办事处"
# code = "N07"
# label = "参加培训人次"    # 或 cell = "培训!F7"；都不写则指该代码的全部单元格
# why = "年中扩大了服务范围"
# who = "李科长"
# until = 2025-12-31

# [periods]                 # 运行监控表各期的报送期限：截止月份 = 日期
# 3 = 2025-04-10
# 6 = 2025-07-10

# [limits]                  # 单个文件的读取上限，一般不用改；全部见用户指南第六节
# max_bytes = 67108864
# max_seconds = 60

# [remote.s3]               # s3:// 的地址怎样连接；密钥只写环境变量的名称
# endpoint_url = "https://obs.example.gov.cn"
# key = { env = "OBS_KEY" }
# secret = { env = "OBS_SECRET" }

# [cluster]                 # 用 --cluster 时：工作进程都不在了、或没有应答，等多少秒
# wait = 60
"""


def start(folder: Path) -> list[Path]:
    """Make the folder a collection and return its files; CollectionError when it already is one."""
    if (folder / SETTINGS).exists():
        raise CollectionError(f"“{folder}”已经是汇总文件夹（有 {SETTINGS}），没有改动。")
    return list(_files(folder))


def _files(folder: Path) -> Iterator[Path]:
    shipped = shipped_templates()
    for source in sorted([*shipped.glob("forms/*.toml"), *shipped.glob("narratives/*.docx")]):
        target = folder / "templates" / source.relative_to(shipped)
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.exists():
            shutil.copyfile(source, target)
            yield target
    workbooks = folder / "workbooks"
    workbooks.mkdir(parents=True, exist_ok=True)
    if not (workbooks / ROSTER).exists():
        write_roster((), workbooks / ROSTER)
        yield workbooks / ROSTER
    settings = folder / SETTINGS
    settings.write_text(_SETTINGS, encoding="utf-8")
    yield settings
