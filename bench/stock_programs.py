#!/usr/bin/env python3
"""Whether a compressed file is a stock file: llama.cpp's own programs run it, and say what landauer says.

  bench/stock_programs.py LANDAUER BENCH_TEXT_SCORE TOOLS BASE FILE.. [--text FILE] [--chunks N] [--tokens N]

TOOLS: the folder of llama-completion, llama-bench and llama-perplexity. Of each FILE: the greedy answer of
llama-completion is landauer's to the letter; perplexity and divergence from BASE are llama-perplexity's in every digit;
llama-bench measures it. Ends with 1 where something differs.
"""
import argparse
import json
import os
import pathlib
import sys
import tempfile

from perplexity_peer import FIGURES, figures, run

PROMPT = "The cost of a prompt is the energy that the machine takes beyond what it takes at rest. In practice this means"


def own_answer(args, model, folder):
    """What landauer's engine writes after the prompt, greedily."""
    prompts = folder / "prompts.jsonl"
    prompts.write_text(json.dumps({"id": "p", "text": PROMPT}) + "\n")
    store, out = folder / "answers.db", folder / "answers.jsonl"
    store.unlink(missing_ok=True)
    run(args.landauer, "bench", "-m", model, "--prompts", prompts, "--no-chat-template", "-n", args.tokens, "-r", 1,
        "-t", args.threads, "--store", store)
    run(args.landauer, "runs", "--store", store, "export", "last", "--out", out)
    for line in out.read_text().splitlines():
        found = json.loads(line).get("answer")
        if found:
            return found
    raise SystemExit(f"landauer kept no answer of {model}")


def stock_answer(args, model):
    _, said = run(args.tools / "llama-completion", "-m", model, "-p", PROMPT, "-n", args.tokens, "--temp", 0, "-t",
                  args.threads, "-no-cnv", "--no-display-prompt", "--ignore-eos", "--no-warmup", stderr=False)
    return said


def check(args, model, folder, kept):
    problems = []
    mine, other = own_answer(args, model, folder), stock_answer(args, model)
    same = mine.strip() == other.strip() and len(mine.strip()) > 40
    print(f"llama-completion, {args.tokens} greedy tokens: " + ("the same text" if same else f"{other!r}\nlandauer: {mine!r}"))
    if not same:
        problems.append("completion")
    _, said = run(args.landauer_score, args.base, args.text, "--threads", args.threads, "--chunks", args.chunks, model)
    _, theirs = run(args.tools / "llama-perplexity", "-m", model, "-f", args.text, "-c", 512, "-t", args.threads,
                    "--kl-divergence-base", kept, "--kl-divergence")
    said, theirs = figures(said), figures(theirs)
    for name in FIGURES:
        if name == "PPL of the base":
            continue
        alike = said.get(name) == theirs.get(name) and name in said
        print(f"{name}: {' +- '.join(filter(None, said.get(name, ('none',))))}" +
              (", llama-perplexity the same" if alike else f", llama-perplexity {theirs.get(name)}"))
        if not alike:
            problems.append(name)
    _, table = run(args.tools / "llama-bench", "-m", model, "-p", 128, "-n", 32, "-r", 2, "-t", args.threads, stderr=False)
    rows = [line for line in table.splitlines() if "pp128" in line or "tg32" in line]
    print("\n".join(rows))
    if len(rows) != 2:
        problems.append("llama-bench")
    return problems


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("landauer")
    parser.add_argument("landauer_score", metavar="bench_text_score")
    parser.add_argument("tools", type=pathlib.Path)
    parser.add_argument("base")
    parser.add_argument("files", nargs="+")
    parser.add_argument("--text", type=pathlib.Path,
                        default=pathlib.Path(__file__).resolve().parents[1] / "docs/laws.md")
    parser.add_argument("--chunks", type=int, default=4)
    parser.add_argument("--tokens", type=int, default=48)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    args = parser.parse_args()
    problems = []
    with tempfile.TemporaryDirectory(prefix="landauer-bench-") as name:
        folder = pathlib.Path(name)
        kept = folder / "base.kld"
        run(args.tools / "llama-perplexity", "-m", args.base, "-f", args.text, "-c", 512, "-t", args.threads, "--chunks",
            args.chunks, "--kl-divergence-base", kept)
        for file in args.files:
            print(f"== {pathlib.Path(file).name}")
            problems += check(args, file, folder, kept)
    print("differing: " + ", ".join(problems) if problems else "nothing differs")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
