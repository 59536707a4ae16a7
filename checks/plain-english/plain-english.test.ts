import { expect, test } from "vitest";
import { measuredFolders, readBudgets } from "./budgets.ts";
import { oddConstructions, sentencesOfPage, sentencesOfSource } from "./sentences.ts";

test.each([
  "What is asked of a client.",
  "The log tells which file is wrong.",
  "The file is written anew.",
  "The file lies in the data folder.",
  "Removes a row; of a table that is empty, nothing.",
  "One that is alone closes the port.",
  "Reads as many as fit.",
  "Returns 0 where the folder is empty.",
  "Leaves nothing that a reader needs.",
])("oddConstructions() finds one in «%s»", (sentence) => {
  expect(oddConstructions(sentence)).toHaveLength(1);
});

test("oddConstructions() finds none in a plain sentence", () => {
  expect(oddConstructions("Returns the number of rows, or 0 if the table is empty.")).toEqual([]);
});

test("sentences of a source are those of its comments, without code and tags", () => {
  const lines = [
    "/**",
    " * Reads the whole file. Returns `undefined` if there",
    " * is no file.",
    " * @param path of the file, from the root",
    " */",
    "const a = 1; // not a line of its own",
    "  // One comment is written",
    "  // in two lines here.",
    "/** Short text. */",
  ];
  expect(sentencesOfSource({ path: "a.ts", lines })).toEqual([
    { path: "a.ts", line: 1, text: "Reads the whole file." },
    { path: "a.ts", line: 1, text: "Returns CODE if there is no file." },
    { path: "a.ts", line: 7, text: "One comment is written in two lines here." },
  ]);
});

test("sentences of a page are those of its paragraphs, items and cells, without code", () => {
  const text = `# A long heading of the page

The first paragraph has
two lines.

- The list has one item.
| The table has one cell | |
\`\`\`
A line of a program is code.
\`\`\`
The last [paragraph](b.md) has a link.`;
  expect(sentencesOfPage("a.md", text).map(({ line, text: sentence }) => [line, sentence])).toEqual([
    [3, "The first paragraph has two lines."],
    [6, "The list has one item."],
    [7, "The table has one cell"],
    [11, "The last paragraph has a link."],
  ]);
});

test("no folder has more sentences that a reader has to decode than its budget, which goes down with them", () => {
  const [folders, budgets] = [measuredFolders(), readBudgets()];
  expect([...folders.keys()].toSorted()).toEqual([...budgets.keys()].toSorted());
  const problems = [...folders].flatMap(([folder, { odd }]) => {
    const most = budgets.get(folder)!;
    if (odd.length < most) return [`${folder}: write ${odd.length} instead of ${most} into budgets.tsv`];
    if (odd.length === most) return [];
    return [
      `${folder}: ${odd.length} sentences instead of ${most}; those of the files that you changed are among these:`,
      ...odd.map(({ path, line, text }) => `  ${path}:${line}: ${text} [${oddConstructions(text).join("; ")}]`),
    ];
  });
  expect(problems).toEqual([]);
});
