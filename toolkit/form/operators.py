"""计算符号 and 指标性质 as forms print them in a column of their own: one sign for every wording."""

from __future__ import annotations

from toolkit.form.labels import normalise

BY_VALUE = "定量"  # says only that the value is a figure; its direction is the value's own, or the default
QUALITATIVE = "定性"
SIGNS = ("≥", "≤", "＝", "＞", "＜", QUALITATIVE)  # full-width, since Excel takes a lone = for a formula
_WORDINGS = {
    "≥": "≥ ≧ >= => 大于等于 大于或等于 大于或者等于 不低于 不少于 不小于 至少 以上 正向 正向指标 正指标",
    "≤": "≤ ≦ <= =< 小于等于 小于或等于 小于或者等于 不高于 不多于 不大于 不超过 至多 以内 以下"
    " 反向 反向指标 逆向 逆向指标 负向 负向指标 逆指标",
    "＝": "= == 等于 等于指标 定值 定值指标",
    "＞": "> 大于 高于 多于 超过",
    "＜": "< 小于 低于 少于",
    QUALITATIVE: "定性 定性指标 文字 文字描述 非数值",
    BY_VALUE: "定量 定量指标 数值",
}
_SIGN_OF = {normalise(word): sign for sign, words in _WORDINGS.items() for word in words.split()}


def operator_sign(text: str) -> str:
    """Return the sign a wording stands for, or an empty string when it is none.

    >>> operator_sign("大于等于"), operator_sign("=＞"), operator_sign("反向指标（≤）"), operator_sign("场")
    ('≥', '≥', '≤', '')
    """
    word = normalise(text)
    return _SIGN_OF.get(word) or _SIGN_OF.get(word.partition("(")[0], "")
