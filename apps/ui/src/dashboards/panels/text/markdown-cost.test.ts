import { Marked } from "marked";
import { expect, test } from "vitest";
import { affordableLength } from "./markdown-cost.ts";

const paragraph = `${"Words, *more* words, `code` and [links](https://example.org/a) in **one** paragraph. ".repeat(9)}\n\n`;

test.each([
  ["paragraphs", paragraph.repeat(250)],
  ["a table", `| a | b | c |\n| - | - | - |\n${"| some text | 12.5 | [x](y) |\n".repeat(500)}`],
  ["a list", "- a point of a list with **weight**\n".repeat(500)],
  ["code", `\`\`\`\n${"const a = [1, 2, 3];\n".repeat(400)}\`\`\`\n\n`.repeat(3)],
  ["HTML in one line", `<div>${'<b style="color: red">a</b>'.repeat(7000)}</div>`],
])("%s of an ordinary document are rendered completely", (_name, text) => {
  expect(affordableLength(text)).toBe(text.length);
});

test.each(["__a*", "a*_b", "http", "- a\n  b\n", "a\n", "\r- a", "~~a", "> *a\n"])(
  "text like %j is cut before it takes too much work, and the parser ends soon",
  (part) => {
    const text = part.repeat(200_000 / part.length);
    const length = affordableLength(text);
    expect(length).toBeGreaterThan(3000);
    expect(length).toBeLessThan(30_000);
    expect(new Marked({ gfm: true, async: false }).parse(text.slice(0, length))).not.toBe("");
  },
);

test("the costs of all runs are added, and the text is cut at the end of a line", () => {
  const run = `${"a *b\n".repeat(700)}\n`;
  const text = run.repeat(40);
  const length = affordableLength(text);
  expect(length).toBeGreaterThan(run.length);
  expect(length).toBeLessThan(text.length);
  expect(text[length]).toBe("\n");
  expect(affordableLength("")).toBe(0);
});
