import { expect, test } from "vitest";
import { readIndex, search } from "@narthex/ui/docs-search";
import { searchIndex } from "./search-index.ts";

const section = (id: string, level: number, text = "") => ({ id, title: `Title of ${id}`, level, text });

test("the first section of a page represents the page itself, and other sections are parts of it", async () => {
  const sections = [section("a", 1), section("b", 2), section("c", 1)];
  const index = await readIndex(searchIndex([{ source: "docs/flags/up.md", sections }]));
  expect(Object.fromEntries(search(index, "title").map(({ id, page }) => [id, page]))).toEqual({
    "flags/up.html": "",
    "flags/up.html#b": "Title of a",
    "flags/up.html#c": "Title of a",
  });
});

test("an excerpt is one line of whole words", async () => {
  const long = "some words\nof it ".repeat(40);
  const index = await readIndex(searchIndex([{ source: "docs/a.md", sections: [section("a", 1, long)] }]));
  const [result] = search(index, "words");
  expect(result!.excerpt).toMatch(/^(?:some words of it )+(?:some|some words|some words of)? ?…$/);
  expect(result!.excerpt.length).toBeLessThan(190);
});
