import { expect, test } from "vitest";
import { indexOf, readIndex, search, type SearchDocument } from "./docs-search.ts";

const section = (id: string, title: string, text: string, page = ""): SearchDocument => ({
  id,
  title,
  page,
  text,
  excerpt: text,
});

const index = await readIndex(
  JSON.stringify(
    indexOf([
      section(
        "keep.html",
        "Keep samples",
        "The flag --storage.retention.time says how long. Storage retention time, again.",
      ),
      section("keep.html#why", "Why", "Retention of samples takes room.", "Keep samples"),
      section(
        "flags/server.html#--storageretentiontime",
        "--storage.retention.time",
        "How long.",
        "Flags of the server",
      ),
      section("reference/functions.html#rate", "rate(range)", "vector", "Functions"),
      section("query.html", "Query", "Ask for a rate."),
    ]),
  ),
);

test.each([
  ["storage.retention.time", "flags/server.html#--storageretentiontime"],
  ["--storage.retention.time", "flags/server.html#--storageretentiontime"],
  ["rate()", "reference/functions.html#rate"],
  ["sampls", "keep.html"],
  ["quer", "query.html"],
])("the best result for %s is %s", (words, id) => {
  expect(search(index, words)[0]).toMatchObject({ id });
});

test("results contain all words of the search; if there are no such results, they contain some of the words", () => {
  expect(search(index, "retention room").map(({ id }) => id)).toEqual(["keep.html#why"]);
  expect(
    search(index, "vector room")
      .map(({ id }) => id)
      .toSorted(),
  ).toEqual(["keep.html#why", "reference/functions.html#rate"]);
  expect(search(index, "xyzzyplugh")).toEqual([]);
});
