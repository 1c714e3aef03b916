"""Write the exercise edition of the notebook, grade solved ones, or fill a blank from the notebook.

There is one source, the notebook itself: its cells are taken by their ids. A cell of the checks is made of checks.py and the
sentences of texts.py. Grading runs students' code on this machine, each answer alone in the notebook's place of it, in a process
of its own.
"""

import argparse
import ast
import contextlib
import functools
import importlib.util
import json
import multiprocessing.forkserver
import os
import re
import sys
import textwrap
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]  # before Jupyter's package notebook

from texts import END, HOW_TO, INTRODUCTION, NAMES, REPLACED, SCOPE, TASKS, WHY  # noqa: E402

NOTEBOOK = HERE.parents[1] / "gan_mnist.ipynb"
EXPERIMENTING = """experimenting = False  # True: checks tell, but stop nothing
if "NBGRADER_EXECUTION" in os.environ:  # nbgrader stops a cell after 30 seconds
    os.environ["GAN_EPOCHS"] = "1\""""
FOLDED = {"jupyter": {"source_hidden": True}}


def checks():
    """Return the source of the cell of the checks."""
    code = (HERE / "checks.py").read_text(encoding="utf-8")
    names = (HERE / "texts.py").read_text(encoding="utf-8").partition("\nNAMES = ")[2]
    code = code.replace("from texts import KEPT, NAMES, SAYS\n", f"\nNAMES = {names}")
    return f"def notebook_checks():\n{textwrap.indent(code, '    ')}\n    return check, Wrong\n\n\ncheck, Wrong = notebook_checks()"


def blank(source, names):
    """Return a cell's source with dots in place of what functions and assignments of the given names compute. ValueError if one
    of the names is not there."""
    tree, wanted, spans = ast.parse(source), set(names), []
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name in wanted:
            wanted.remove(node.name)
            for part in ast.walk(node):
                if isinstance(part, ast.Assign):
                    spans.append(part.value)
                elif isinstance(part, ast.withitem):
                    spans.append(part.context_expr)
                elif isinstance(part, ast.Return) and isinstance(part.value, ast.Call):
                    spans.append(part.value)
        elif isinstance(node, ast.Assign):
            defined = {part.id for part in ast.walk(node.targets[0]) if isinstance(part, ast.Name)}
            if defined <= set(names):
                wanted -= defined
                spans.append(node.value)
    if wanted:
        raise ValueError(f"a cell of the notebook no longer defines {sorted(wanted)}")
    lines = source.splitlines()
    for span in sorted(spans, key=lambda span: -span.lineno):
        before, after = lines[span.lineno - 1][: span.col_offset], lines[span.end_lineno - 1][span.end_col_offset :]
        lines[span.lineno - 1 : span.end_lineno] = [f"{before}...{after}"]
    return "\n".join(lines)


def cell(kind, cell_id, source, metadata=None, **nbgrader):
    """Return a cell of the notebook's format, with nbgrader's metadata where it is a part of an assignment."""
    metadata = dict(metadata or {})
    if nbgrader:
        no = {"grade": False, "locked": False, "solution": False, "task": False}
        metadata["nbgrader"] = {"schema_version": 3, "grade_id": cell_id, "cell_type": kind} | no | nbgrader
    made = {"cell_type": kind, "id": cell_id, "metadata": metadata, "source": source}
    return made | ({"outputs": [], "execution_count": None} if kind == "code" else {})


def fold(summary, text):
    """Return a text that is folded away in HTML."""
    return f"<details><summary>{summary}</summary>\n\n{text}\n\n</details>"


def both(english, chinese):
    """Return a text in both languages, the Chinese folded away."""
    return f"{english}\n\n{fold('中文', chinese)}"


def task(name, solution, names):
    """Return the cells of a task: text, blank, check, and a question where there is one."""
    told, pointer, near = TASKS[name]
    english = f"**Your task.** {told[0]}\n\n{fold('Hint', pointer[0] + chr(10) * 2 + fold('More', near[0]))}"
    chinese = f"**任务。** {told[1]}\n\n{fold('提示', pointer[1] + chr(10) * 2 + fold('更多提示', near[1]))}"
    made = [
        cell("markdown", f"task-{name}", both(english, chinese)),
        cell("code", name, blank(solution, names), solution=True),
        cell("code", f"check-{name}", f'check("{name}")', grade=True, locked=True, points=1),
    ]
    if name in WHY:
        question, reason, chinese_question, chinese_reason = WHY[name]
        english = f"**Why?** {question}\n\n{fold('Answer', reason)}"
        chinese = f"**为什么？** {chinese_question}\n\n{fold('答案', chinese_reason)}"
        made.append(cell("markdown", f"why-{name}", both(english, chinese)))
    return made


def exercise_edition(notebook, filled=()):
    """Return the exercise edition of a notebook, both as dicts of the notebook format; blanks that are filled stay as the
    notebook has them."""
    cells, left = [], set(TASKS) | set(REPLACED)
    for old in notebook["cells"]:
        name, source = old["id"], "".join(old["source"])
        if name == "text-14-a-classifier-as-referee":
            break  # Parts 2 and 3 hold answers
        for part in REPLACED:
            pattern = r"\s+".join(map(re.escape, part.split()))  # however the lines are wrapped
            if re.search(pattern, source):
                source = re.sub(pattern, REPLACED[part], source)
                left.remove(part)
        if not cells:
            cells += [cell("markdown", name, both(*INTRODUCTION)), cell("markdown", "how-to", both(*HOW_TO))]
        elif name == "about-walk":
            cells.append(cell("markdown", name, both(*END)))
        elif name in TASKS:
            left.remove(name)
            cells += task(name, source, NAMES[name])
            if name in filled:
                next(c for c in cells if c["id"] == name)["source"] = source
        else:
            cells.append(cell(old["cell_type"], name, source, old["metadata"]))
        if name == "setup":
            cells.append(cell("code", "experimenting", EXPERIMENTING))
            cells.append(cell("code", "checks", checks(), FOLDED, locked=True))
        elif name == "dense":
            cells.append(cell("markdown", "about-scope-example", both(*SCOPE[:2])))
            cells.append(cell("code", "scope-example", SCOPE[2]))
    if left:
        raise ValueError(f"the notebook no longer has {sorted(left)}")
    return notebook | {"cells": cells}


def write(path, notebook):
    """Write a notebook, given as a dict, all of it or nothing."""
    beside = path.with_name(path.name + ".part")
    try:
        beside.write_text(json.dumps(notebook, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)


def read_edition(path):
    """Return a solved edition as a dict, and its blanks by name, each a list of cells, since a cell may have been copied or
    split; some editors keep a cell's name only in nbgrader's metadata. ValueError, with a sentence, if it is no exercise
    edition."""
    named = {}
    try:
        notebook = json.loads(Path(path).read_text(encoding="utf-8-sig"))
        for cell in notebook["cells"]:
            name = cell.get("metadata", {}).get("nbgrader", {}).get("grade_id") or cell.get("id")
            if cell["cell_type"] == "code":
                named.setdefault(name, []).append(cell)
    except OSError as error:
        raise ValueError(f"{path}: {error.strerror}") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise ValueError(f"{path}: expected a notebook") from None
    blanks = {name: named[name] for name in TASKS if name in named}
    if not blanks or "train-gan" in named:  # as the notebook itself has
        raise ValueError(f"{path}: expected an exercise edition, with the names that make.py gave its cells")
    return notebook, blanks


def verdict(name, answer):
    """Check an answer in the notebook's place of it; return {"right": bool, "told": sentence}. It runs the answer."""
    import numpy as np
    from notebook import run_cell

    namespace = {"x_train": np.zeros((200, 784), np.float32), "experimenting": False}
    for needed in ["quiet", "setup", "dense", "parameters", "random-z", "sample-z", *TASKS]:
        if needed == name:
            break
        run_cell(namespace, needed)
        if needed == "setup":
            namespace["tf"].reset_default_graph()
    exec(compile(checks(), "checks", "exec"), namespace)
    check, wrong = namespace["check"], namespace["Wrong"]
    answer = re.sub(r"^ *[%!].*|^.*\?$", "", answer, flags=re.MULTILINE)  # what Jupyter runs, and Python does not know
    with contextlib.suppress(Exception):  # as Jupyter goes on; the check runs it again and tells
        exec(compile(answer, "<cell>", "exec"), namespace)
    namespace["experimenting"] = False
    try:
        check(name, answer)
    except wrong as error:
        return {"right": False, "told": str(error)}
    return {"right": True, "told": ""}


def send_verdict(sender, name, answer):
    """Send the verdict on an answer, without a word on the terminal: this is a process of its own."""
    with silent(1), silent(2):
        sender.send(verdict(name, answer))


@contextlib.contextmanager
def silent(descriptor):
    """Let a file descriptor lead nowhere inside."""
    kept = os.dup(descriptor)
    with open(os.devnull, "w") as null:
        os.dup2(null.fileno(), descriptor)
    try:
        yield
    finally:
        os.dup2(kept, descriptor)


def start_method():
    """Return what makes processes: on Linux a server that has TensorFlow imported, which saves each of them seconds."""
    if sys.platform != "linux":
        return multiprocessing.get_context("spawn")
    method = multiprocessing.get_context("forkserver")
    method.set_forkserver_preload(["tensorflow"])
    with silent(2):  # TensorFlow's log lines
        multiprocessing.forkserver.ensure_running()
    return method


def judge(name, answer, limit, method):
    """Return the verdict on an answer, from a process of its own that is stopped after limit seconds."""
    receiver, sender = method.Pipe(duplex=False)
    process = method.Process(target=send_verdict, args=(sender, name, answer))
    process.start()
    sender.close()
    try:
        if receiver.poll(limit):
            return receiver.recv()
        told = f"It ran for more than {limit:g} seconds, and was stopped.\n运行超过 {limit:g} 秒，已被终止。"
    except EOFError:
        told = "It ended Python itself, by an exit or a crash.\n它使 Python 退出或崩溃了。"
    finally:
        process.kill()
    return {"right": False, "told": told}


def grade(paths, as_json, limit):
    """Grade solved editions, print a line for each blank and the points, or JSON; return 2 if a file is no edition, else 0."""
    results, refused, method = [], False, start_method()
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for path in paths:
            try:
                _, blanks = read_edition(path)
            except ValueError as error:
                print(error, file=sys.stderr)
                refused = True
                continue
            answers = {name: "\n".join("".join(cell["source"]) for cell in blanks.get(name, [])) for name in TASKS}
            each = functools.partial(judge, limit=limit, method=method)
            verdicts = dict(zip(TASKS, pool.map(each, answers, answers.values())))
            points = sum(found["right"] for found in verdicts.values())
            results.append({"file": str(path), "points": points, "blanks": verdicts})
            if not as_json:
                print(f"{path}: {points} of {len(TASKS)} points")
                for name, found in verdicts.items():
                    sentence, _, *line = found["told"].splitlines() or ["right", ""]
                    print(f"  {name}: {' '.join([sentence, *map(str.strip, line)])}", flush=True)
    if as_json:
        print(json.dumps(results, ensure_ascii=False, indent=1))
    return 2 if refused else 0


def fill(path, names):
    """Fill blanks of a solved edition from the notebook; what stood there stays below, as a comment."""
    notebook, blanks = read_edition(path)
    edition = exercise_edition(json.loads(NOTEBOOK.read_text(encoding="utf-8")), names)
    solutions = {cell["id"]: cell["source"] for cell in edition["cells"]}
    for name in names:
        if name not in blanks:
            raise ValueError(f"{path}: expected a cell {name}")
        last = blanks[name][-1]  # which runs last
        old = textwrap.indent("".join(last["source"]), "# ", lambda line: True)
        last["source"] = f"{solutions[name]}\n\n# What stood here:\n{old}"
        last |= {"outputs": [], "execution_count": None}
    write(path, notebook)


def main():
    """Do what the command line asks for; return its exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        epilog="examples: python assets/exercises/make.py; … make.py --grade solved/*.ipynb --json; … make.py --fill build anna.ipynb",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "files", nargs="*", type=Path, help="the edition to write (else gan_mnist_exercises.ipynb), or those to grade"
    )
    parser.add_argument("--force", action="store_true", help="overwrite the file if it exists")
    aims = parser.add_mutually_exclusive_group()
    aims.add_argument("--grade", action="store_true", help="grade solved editions")
    aims.add_argument(
        "--fill",
        action="append",
        choices=TASKS,
        metavar="NAME",
        help=f"fill this blank of the file, or of a new one that is written; may be repeated; {', '.join(TASKS)}",
    )
    parser.add_argument("--json", action="store_true", help="print the grades as JSON, with all that the checks told")
    parser.add_argument("--limit", type=float, default=60, help="seconds after which an answer is stopped; else 60")
    options = parser.parse_args()
    path = (options.files or [Path("gan_mnist_exercises.ipynb")])[0]
    if options.grade or options.json:
        if not (options.grade and options.files):
            parser.error("expected --grade and the files to grade")
        if not importlib.util.find_spec("tensorflow"):
            parser.error(f"{sys.executable}: expected a Python with the packages of requirements.txt")
        return grade(options.files, options.json, options.limit)
    if len(options.files) > 1 or options.fill and not options.files:
        parser.error("expected one file to write")
    try:
        if options.fill and path.exists():
            fill(path, options.fill)
        elif path.exists() and not options.force:
            parser.error(f"{path} exists: name another file, or overwrite it by --force; to grade it, --grade")
        else:
            write(path, exercise_edition(json.loads(NOTEBOOK.read_text(encoding="utf-8")), options.fill or ()))
    except (OSError, ValueError) as error:
        parser.error(str(error))
    print(f"{path}: {', '.join(options.fill)} filled" if options.fill else f"{path} written")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
