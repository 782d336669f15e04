"""Words of Chinese and English texts, for an index that finds both.

Chinese is written without blanks and PostgreSQL has no dictionary for it: neighbouring
characters are taken as words (bigrams), so that any two characters that follow each
other in a text are found. A single character finds the words that begin with it; the
last character of a run is kept alone, so that it is found, too.
"""

import re
import unicodedata

# Runs of Chinese characters, or of other letters and digits.
RUN = re.compile(r"([㐀-䶿一-鿿豈-﫿]+)|([^\W_㐀-䶿一-鿿豈-﫿]+)")
# Words that say nothing about what a text is about.
STOP = frozenset(
    "a an and are as at be but by for from had has have he her his i in is it its no "
    "not of on or she so that the their them there they this to was we were which with "
    "you your 客户 用户 用电 供电 我们 你们 他们 这个 那个 一个 没有 已经 可以 不能 "
    "进行 反映 要求 希望 工作 人员 情况 问题".split()
)
WORD_LIMIT = 2000


def get_words(text, limit=WORD_LIMIT):
    """The different words of a text, in the order of their first appearance.

    :param str text: any text; full-width letters count as plain ones
    :param int limit: how many words at most
    :return: list of words in lower case
    """
    words = {}
    for cjk, other in RUN.findall(unicodedata.normalize("NFKC", text or "").lower()):
        if other:
            words[other[:64]] = None
            continue
        for first, second in zip(cjk, cjk[1:], strict=False):
            words[first + second] = None
        words[cjk[-1]] = None
        if len(words) >= limit:
            break
    return list(words)[:limit]


def get_query(text):
    """What to ask the index for: every word of the text has to be there.

    English words find those they begin (meter: meters), a single Chinese character the
    words it begins.

    :param str text: what somebody typed
    :return: text of a ``tsquery``; an empty one when there is no word in it
    """
    parts = {}
    for cjk, other in RUN.findall(unicodedata.normalize("NFKC", text or "").lower()):
        if other:
            parts[f"'{other[:64]}':*"] = None
        elif len(cjk) == 1:
            parts[f"'{cjk}':*"] = None
        else:
            for first, second in zip(cjk, cjk[1:], strict=False):
                parts[f"'{first}{second}'"] = None
    return " & ".join(parts)


def get_telling_words(text, limit=80):
    """The words by which similar texts are looked for: no single characters, none that
    appear in every text.

    :return: list of words
    """
    return [
        word
        for word in get_words(text)
        if word not in STOP and len(word) > 1 and not word.isdigit()
    ][:limit]
