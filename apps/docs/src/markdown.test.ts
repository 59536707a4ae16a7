import { expect, test } from "vitest";
import { linksOf, type Section, siteMarkdown } from "./markdown.ts";

function rendered(text: string, source = "docs/page.md"): { html: string; sections: readonly Section[] } {
  let sections: readonly Section[] = [];
  const pages = new Set([source, "docs/other.md"]);
  const md = siteMarkdown({ pages, sourceOf: () => source, onPage: (page) => (sections = page.sections) });
  return { html: md.render(text), sections };
}

test("headings have the same anchors as on GitHub, and sections contain the text below them", () => {
  const { html, sections } = rendered(
    "# A `rate()`, told\n\nOne\ntwo.\n\n## Twice\n\n```sh\nls\n```\n\n## Twice\n\n- *three*\n",
  );
  expect(sections).toEqual([
    { id: "a-rate-told", title: "A rate(), told", level: 1, text: "One two." },
    { id: "twice", title: "Twice", level: 2, text: "ls\n" },
    { id: "twice-1", title: "Twice", level: 2, text: "three" },
  ]);
  for (const { id } of sections) expect(html).toContain(`id="${id}"`);
});

test("a table row of a reference that starts with a name in code is a section; on other pages it is not", () => {
  const table = "# Flags\n\n| flag | meaning |\n| --- | ---: |\n| `--a.b` | what it does |\n| plain | text |\n";
  const { html, sections } = rendered(table, "docs/flags/up.md");
  expect(sections).toEqual([
    { id: "flags", title: "Flags", level: 1, text: "flag meaning plain text" },
    { id: "--ab", title: "--a.b", level: 0, text: "what it does" },
  ]);
  expect(html).toContain('<tr id="--ab">');
  expect(rendered(table).sections).toHaveLength(1);
});

test("no element has a style attribute, which the pages' content policy would refuse", () => {
  const { html } = rendered("| a | b |\n| --- | ---: |\n| 1 | 2 |\n");
  expect(html).toContain('<td class="right">2</td>');
  expect(html).not.toContain("style=");
});

test("a column without a name has no header cell", () => {
  const { html } = rendered("| a | |\n| --- | --- |\n| 1 | 2 |\n");
  expect(html).toContain("<th>a</th>\n<td></td>");
});

test("links to sources become links to pages, and a link without a target is replaced by its content", () => {
  const { html } = rendered("[a](other.md#x) [`b` *c*](../src/d.ts) [e](https://example.org) ![f](../f.png)");
  expect(html).toBe(
    '<p><a href="other.html#x">a</a> <code>b</code> <em>c</em> <a href="https://example.org">e</a> </p>\n',
  );
});

test("linksOf() returns the addresses of links and images as they are written", () => {
  expect(linksOf("# [a](b.md)\n\n![c](d.png) `[e](f.md)`\n")).toEqual(["b.md", "d.png"]);
});
