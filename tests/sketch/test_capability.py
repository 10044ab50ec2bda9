"""What a request is for, in several scripts; all prompts were written for this test."""

import numpy as np
import pyarrow as pa
import pytest

from stillwatch.sketch.capability import codes, mixture
from stillwatch.sketch.fold import fold
from stillwatch.vocabulary.exchanges import EXCHANGES
from stillwatch.vocabulary.techniques import CAPABILITIES


def capability(prompt: str, system: str = "", **fields: object) -> str:
    row = {"source": 0, "line": 1, "id": "x", "ts_us": 0, "account": "acct_17", "dialect": "openai-chat"} | fields
    batch = pa.RecordBatch.from_pylist([row], schema=EXCHANGES)
    texts = (fold(pa.array([text], pa.string())) for text in (system, prompt))
    return CAPABILITIES[int(codes(batch, *texts)[0])]


@pytest.mark.parametrize(
    ("expected", "prompt"),
    [
        ("maths", "Let $n \\geq 1$. Prove that $n^2 + n$ is even."),
        ("maths", "A farmer has 12 cows and sells 5. How many cows are left in total?"),
        ("maths", "求解方程 3x + 5 = 20，并证明解是唯一的。"),
        ("maths", "Сколько простых чисел меньше 50?"),
        ("maths", "احسب مساحة مثلث قاعدته 6 وارتفاعه 4."),
        ("code", "Write a Python function that reverses a linked list."),
        ("code", "请用 Python 编写函数，计算两个列表的交集，并写单元测试。"),
        ("code", "배열을 정렬하는 함수를 작성해 주세요. 코드와 알고리즘 설명도 필요합니다."),
        ("code", "for (int i = 0; i < n; i++) { if (a[i] == 0) { count++; } }"),
        ("data-analysis", "Analyze the table below and name the outlier and the trend in revenue by region."),
        ("data-analysis", "请分析以下数据，计算相关性和标准差，并画图表。"),
        ("writing", "Write a short story about a lighthouse keeper."),
        ("writing", "Schreibe ein Gedicht über den Herbst."),
        ("writing", "秋についての詩を書いてください。"),
        ("translation", "Translate the following sentence into French: the boats lay still."),
        ("translation", "把这句话翻译成英文。"),
        ("translation", "Переведи это предложение на английский."),
        ("safety-sensitive", "Explain how a nerve agent or another chemical weapon is made into an explosive."),
        ("safety-sensitive", "如何制造炸弹和恶意软件？"),
        ("other", "Hello, where is my parcel?"),
        ("other", "おすすめのレストランはありますか。"),
    ],
)
def test_the_words_say_what_a_request_is_for(expected: str, prompt: str) -> None:
    assert capability(prompt) == expected


def test_an_image_makes_it_vision_and_offered_tools_make_it_agentic() -> None:
    assert capability("What is this?", images=1) == "vision"
    assert capability("Where is my order?", tools_offered=2) == "agentic"


def test_nothing_at_all_is_other() -> None:
    assert capability("") == "other"


def test_a_system_prompt_counts_less_than_the_request_itself() -> None:
    assert capability("Translate this into German: good morning.", system="You help with equations.") == "translation"


def test_the_mixture_is_the_share_of_each_class_and_nothing_for_an_empty_row() -> None:
    mix = mixture(fold(pa.array(["12+a", "$\\a$", None], pa.string())))
    assert mix.digits.tolist() == [0.5, 0.0, 0.0]
    assert mix.operators.tolist() == [0.25, 0.0, 0.0]
    assert mix.latex.tolist() == [0.0, 0.75, 0.0]
    assert np.array_equal(mix.separators, np.zeros(3))
