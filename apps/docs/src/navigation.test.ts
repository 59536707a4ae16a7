import markdownIt from "markdown-it";
import { expect, test } from "vitest";
import { NavigationError, readNavigation } from "./navigation.ts";

const read = (text: string): ReturnType<typeof readNavigation> => readNavigation(text, markdownIt());

test("a heading of the front page starts a group of the navigation, and a list item is a page", () => {
  const text =
    "# All\n\nIt `is`.\n\n## First\n\n- [One](one.md): what *it* says\n- [Two](flags/two.md)\n<!--\n- no row\n-->\n";
  expect(read(text)).toEqual({
    title: "All",
    intro: "<p>It <code>is</code>.</p>\n",
    groups: [
      {
        title: "First",
        entries: [
          { title: "One", source: "docs/one.md", about: "what <em>it</em> says" },
          { title: "Two", source: "docs/flags/two.md", about: "" },
        ],
      },
    ],
  });
});

test.each([
  ["# All\n\n## First\n\n<!-- a\nb -->\n- [One](one.md) says\n", /docs\/README\.md:7: .* is not a row; write/],
  ["# All\n\n## First\n\nwords\n", /docs\/README\.md:5: /],
  ["# All\n\n## First\n\n- [One](https://example.org/)\n", /docs\/README\.md:5: /],
  ["## First\n", /begin it with "# title"/],
  ["# All\n\nwords\n", /each group of pages with "## title"/],
])("%j is refused, with its line", (text, message) => {
  expect(() => read(text)).toThrow(NavigationError);
  expect(() => read(text)).toThrow(message);
});
