import fc from "fast-check";
import { expect, test } from "vitest";
import { pagePathOf, rootFrom, siteHref } from "./source-pages.ts";

const name = fc.stringMatching(/^[a-z][a-z-]{0,6}$/);
const folders = fc.array(name, { maxLength: 3 });
const docsSource = fc.tuple(folders, name).map(([path, file]) => ["docs", ...path, `${file}.md`].join("/"));
const source = fc.oneof(
  docsSource,
  fc.tuple(folders, name).map(([path, file]) => ["deploy", ...path, file].join("/")),
);

test("a link between two sources becomes a relative link between their pages", () => {
  fc.assert(
    fc.property(docsSource, source, fc.constantFrom("/", "/docs/", "/a/prefix/docs/"), (from, to, prefix) => {
      const href = `${"../".repeat(from.split("/").length - 1)}${to}#part`;
      const page = new URL(pagePathOf(from), `http://host${prefix}`);
      const answer = siteHref(from, href, new Set([from, to]));
      expect(new URL(answer!, page).href).toBe(`http://host${prefix}${pagePathOf(to)}#part`);
      expect(new URL(rootFrom(pagePathOf(from)), page).pathname).toBe(prefix);
    }),
  );
});

test.each([
  ["docs/start.md", "https://example.org/x.md", "https://example.org/x.md"],
  ["docs/start.md", "#below", "#below"],
  ["docs/start.md", "pictures/host.png", "pictures/host.png"],
  ["docs/flags/up.md", "../README.md", "../index.html"],
  ["docs/start.md", "gone.md", undefined],
  ["docs/start.md", "../bin/narthex", undefined],
])("in %s the link %s becomes %s", (from, href, answer) => {
  expect(siteHref(from, href, new Set(["docs/README.md", from]))).toBe(answer);
});
