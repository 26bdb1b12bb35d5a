"""moonlab data: what a recipe's data look like, as text, as JSON and as a page."""

import json
import pathlib

from program import contains, equal, folder, lacks, run

WINE = pathlib.Path(__file__).resolve().parent.parent.parent / "recipes" / "wine.lua"


def test_a_recipes_data_as_text():
    out = run("data", WINE)
    equal((out.stderr, out.returncode), ("", 0))
    contains(out.stdout, "wine: 1599 rows, 12 columns", "Findings", "240 rows are the same as one before", "residual sugar", "Target 'quality'")


def test_a_recipes_data_as_json():
    out = run("data", WINE, "--json")
    equal((out.stderr, out.returncode), ("", 0))
    profile = json.loads(out.stdout)
    equal((profile["rows"], profile["duplicates"]["rows"], len(profile["columns"])), (1599, 240, 12))
    contains([one["kind"] for one in profile["findings"]], "duplicates")


def test_a_recipes_data_as_a_page_beside_the_text():
    with folder() as path:
        out = run("data", WINE, "--out", path / "wine.html")
        page = (path / "wine.html").read_text()
    equal((out.stderr, out.returncode), ("", 0))
    contains(out.stdout, "Findings", f"page {path}/wine.html")
    contains(page, "<svg", "240 rows are the same as one before", "</html>")
    lacks(page, "<script src", "<link", "@import")


def test_an_ending_that_is_none_of_a_page_is_refused():
    with folder() as path:
        out = run("data", WINE, "--out", path / "wine.txt")
    equal((out.stdout, out.returncode), ("", 2))
    contains(out.stderr, "data: --out takes the name of a page, as in profile.html, got")


def test_a_file_of_rows_with_a_target():
    with folder() as path:
        (path / "a.jsonl").write_text("".join('{"x": %d, "y": "%s"}\n' % (i, "ab"[i % 2]) for i in range(50)))
        out = run("data", path / "a.jsonl", "target=y", "--json")
    equal((out.stderr, out.returncode), ("", 0))
    profile = json.loads(out.stdout)
    equal((profile["rows"], profile["target"]["name"]), (50, "y"))


def test_a_file_that_is_not_there_is_wrong_data():
    out = run("data", "nothing.csv")
    equal((out.stdout, out.returncode), ("", 4))
    contains(out.stderr, "data: there is no file nothing.csv")
