"""The page 改动与读取.md: form by alteration, each cell what the tests' own alterations gave when read."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from random import Random

from alter import as_source
from altered import ALTERATIONS, Altered, altered, forms, reader

from toolkit.checks.policy import Policy
from toolkit.checks.runner import check_source
from toolkit.issues.catalogue import entries

SEEDS = 2  # times each alteration is made in each form
UNCHANGED, CHANGED, NO_OCCASION = "√", "×", "—"
_GROUPS = {
    "行、列": {
        "插入空行": "在任何地方插入一两行",
        "插入空列": "在任何地方插入一两列，也包括栏目与答案之间",
        "删除空行": "删去没有填写的行",
        "删除空列": "删去没有内容的列",
        "删除没有填的选填栏": "连表头删去一栏",
        "隐藏行列": "隐藏的内容照样读取，并提示",
        "筛选后隐藏数据行": "被筛选掉的行照样读取，并提示",
    },
    "表的位置": {
        "表移到本页下方": "整块剪切、粘贴",
        "表移到另一张工作表": "整块剪切到已有的工作表",
        "表移到新工作表": "整块剪切到新建的工作表",
        "各表次序对调": "同一页上几块的先后改变",
        "两表并排": "一块粘贴到另一块的右边，中间留空列",
        "各表合到一张工作表": "几张工作表的内容接在一起",
        "一张表拆到两页": "下半张移到新工作表，表头再写一遍",
        "取消合并单元格": "横向合并的都拆开，文字留在第一格",
        "工作表改名": "名称随意",
    },
    "表头、栏目": {
        "表头合并两三行": "表头单元格纵向合并",
        "表头加一行总栏名": "几栏之上另加一个总名；总名本身列为未采用",
        "表中重复表头": "打印分页时重复的表头",
        "每个打印页重复标题和表头": "连标题、单位一起重复",
        "栏目次序调换": "两栏互换位置",
        "另加栏目": "表样没有的栏目列为未采用",
        "名称加空格、换行、冒号": "全角半角、星号、“（必填）”也一样",
        "名称与答案写在一格": "“单位名称：某街道”",
        "表头括注另起一行": "“（保留两位小数）”“（据实填写）”等",
        "表头下的栏次行": "1、2、3……，甲、乙、1、2……，A、B、C……",
    },
    "表内各行": {
        "层级单元格合并": "一级、二级指标纵向合并",
        "层级只写首行": "一级、二级指标只在第一行写",
        "表中留空行": "行与行之间空一行",
        "行行之间空一行": "每行之间都空一行",
        "左边插入序号列": "表前另加一列序号",
        "在预留行之下加行": "预留的行不够时往下写",
        "合计行改写或删除": "“合计”“总计”等写法都可以，也可以不要",
        "表中的小计行": "表样没有的小计不当作一行数据，列为未采用",
        "行下另列其中数": "上一行有金额的，“其中：”各行不另计，列为未采用",
        "整行合并的分隔行": "如“（以下为区级项目）”，列为未采用",
        "以下空白、页码": "“以下空白”“第1页 共2页”“（接下页）”不当作一行数据",
    },
    "数字、日期、单位": {
        "数字存成文本": "前后有空格、全角数字、千位分隔符",
        "数字后写单位": "“2000万元”“20000000元”“30分”",
        "百分数写法": "0.95、95、95%、百分数格式",
        "指标值写法": "全角符号、空格、百分数格式",
        "日期写成文本": "2025年3月10日、2025.3.10、20250310",
        "年度写法": "2024、2024年、2024年度",
        "文字前后加空格": "空格、换行、不间断空格",
        "单位写在表头": "整张表改用元、千元、万元、百万元、亿元中的另一单位，写在各栏表头",
        "单位只写在标题": "整张表改用另一单位，只写在标题或表上的“单位：”",
        "单位写在页首": "全页改用另一单位，只在页首写一次",
    },
    "表外的内容": {
        "表末签章行": "“填表人：”“（公章）”、日期等紧接在表下的一行，不当作一行数据",
        "页边批注": "写在表外的话列为未采用",
        "远处的空格": "第 900 行、第 ZZ 列的空格不计",
        "签章行写在表上方": "“单位（盖章）：”一类的话",
        "每页重复单位、年度": "封面的一行抄到别的页上",
        "隐藏的旧数栏": "旧数列为未采用；同名的两栏，读没有隐藏的一栏，并请核对",
    },
    "一个文件里有两份表": {
        "另存的旧年度表": "读年度较新的一份",
        "同一文件另一单位的表": "读第一份，另一单位的写明工作表和单位",
        "同一页下方另一单位的表": "读第一份，另一单位的写明单元格范围和单位",
        "同一页下方的旧稿": "读上面一份，下面一份写明单元格范围；两份数不同的，要填报人决定",
        "工作表的副本": "读原表；两份内容不同的，要填报人决定",
        "在副本上填写": "原表空着、填在副本上的，读填了的一份",
    },
}
_HEAD = """\
# 改动与读取

下发的表在填报人手里常会走样：插了行、挪了表、改了表头、换了单位。程序按栏目名称找数，不按单元格位置，下表里的改动都不影响读取。

- `√`：答案一个不差；
- `√` 后面的代码：答案一个不差，另有这样的问题，含义见[问题代码](问题代码.md)；
- `—`：这种表没有这样的地方。

每一格都由测试算出：把填好的表按这种方法改 {seeds} 次，读回来与原来逐个比较，并清点单元格
（有内容的＝名称＋答案＋注释＋未采用，未采用的逐个列出）。几种改动叠加的情况由
`tests/test_alterations.py` 另行随机检验。

## 会影响读取的

- 改写表头、行名，改得认不出：报 S06，写明缺哪一栏、哪个单元格可能是它；
- 表样规定以合计行结束的表，合计行之下再写的行：不读，逐格列为未采用（S16）；
- 把一栏的数写到旁边的空栏里：不读，逐格列为未采用（S16）；
- 一张表拆到几张工作表的：各行按工作表的先后排列；
- 工作表名带“(2)”“_2”“副本”“旧”“作废”“上年”或往年年份，而同样的表另有一份的：算另一份，不读，报 S24；
  表写不下要接着写的，请另起名，如“项目支出续”；
- 一个文件里有两家单位的表，工作表上又没有写明是谁的：按前后次序读，并报 S29，请核对；
- 两份表的各块在同一页上交错：请分开，一份表一个文件。

> 本页由 `scripts/make_alterations.py` 生成，请勿直接修改。
"""


def page() -> str:
    """Return the page as Markdown."""
    return "\n".join([_HEAD.format(seeds=SEEDS), *_tables(), *_codes(), ""])


def _tables() -> Iterator[str]:
    listed = [name for group in _GROUPS.values() for name in group]
    assert sorted(listed) == sorted(ALTERATIONS), set(listed) ^ set(ALTERATIONS)
    names = list(forms())
    yield "## 表样\n"
    yield "| 编号 | 表样 |\n|---|---|"
    yield from (f"| `{name}` | {forms()[name].title} |" for name in names)
    for group, alterations in _GROUPS.items():
        yield f"\n## {group}\n"
        yield f"| 改动 | 说明 | {' | '.join(f'`{name}`' for name in names)} |"
        yield "|---|---|" + "---|" * len(names)
        for name, words in alterations.items():
            yield f"| {name} | {words} | {' | '.join(outcome(form, name) for form in names)} |"


def outcome(form: str, name: str) -> str:
    """Return what came of making one alteration several times: unchanged or not, and the codes told."""
    made = [altered(form, [name], Random(f"{form} {name} {seed}")) for seed in range(SEEDS)]
    made = [one for one in made if one.applied]
    if not made:
        return NO_OCCASION
    same = all(one.result.submission is not None and not one.differing and one.all_listed for one in made)
    codes = sorted({code for one in made for code in _told(one)} - _usual(form))
    return " ".join([UNCHANGED if same else CHANGED, *codes])


def _told(made: Altered) -> set[str]:
    return {issue.code for issue in check_source(as_source(made.pages), reader(), Policy()).issues}


@cache
def _usual(form: str) -> set[str]:
    """Return the codes told of the form before any alteration: its formulas are not there."""
    return _told(altered(form, [], Random(0)))


def _codes() -> Iterator[str]:
    yield "\n## 上面出现的代码\n"
    yield "| 代码 | 级别 | 问题 |\n|---|---|---|"
    for code in ("S13", "S16", "S21", "S23", "S24", "V04"):
        entry = entries()[code]
        yield f"| {code} | {entry.severity.word} | {entry.title} |"
