import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, matchesGlob } from "node:path";
import { expect, test } from "vitest";
import { linksOf, type RenderedPage, siteMarkdown } from "../apps/docs/src/markdown.ts";
import { docsSources } from "../apps/docs/src/repository-pages.ts";
import { targetOf } from "../apps/docs/src/source-pages.ts";
import { notMeasuredByCase } from "./benchmarks-page.ts";
import { generatedPages } from "./docs-pages.ts";
import { root } from "./sources.ts";
import { EXCEPTIONS } from "../e2e/src/docs/commands/exceptions.ts";

const folder = join(root, "docs");
const pages = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".md"));

test.each([...generatedPages()])("docs/%s is up to date with its sources (else: pnpm docs:write)", (path, text) => {
  expect(readFileSync(join(folder, path), "utf8")).toBe(text);
});

test("every case of the benchmarks is described in their README", () => {
  const described = notMeasuredByCase();
  const sources = readdirSync(join(root, "bench/src")).map((name) =>
    readFileSync(join(root, "bench/src", name), "utf8"),
  );
  const cases = sources.flatMap((text) =>
    [...text.matchAll(/BenchCase = \{\s*name: "([^"]+)"/g)].map((match) => match[1]!),
  );
  expect(cases.length).toBeGreaterThan(20);
  expect(cases.filter((name) => !described.has(name))).toEqual([]);
});

test("every generated page has a source", () => {
  const generated = generatedPages();
  expect(pages.filter((path) => /^(?:flags|reference)\//.test(path) && !generated.has(path))).toEqual([]);
});

test("the images' build of the pages has every file to which a page links", () => {
  const dockerfile = readFileSync(join(root, "deploy/docker/Dockerfile"), "utf8");
  const stage = dockerfile.split(/^FROM /m).find((text) => /^\S+ AS docs\n/.test(text))!;
  const copied = [...stage.matchAll(/^COPY (?:\S+ )+?(\S+)$/gm)].flatMap(([line]) => line.split(" ").slice(1, -1));
  const linked = pages.flatMap((path) =>
    [...readFileSync(join(folder, path), "utf8").matchAll(/\]\((\.\.[^)#]+)/g)].map(([, href]) =>
      join("docs", dirname(path), href!),
    ),
  );
  expect(linked).toContain("packages/promql/README.md");
  const isCopied = (path: string): boolean =>
    copied.some((from) => matchesGlob(path, from) || path.startsWith(`${from}/`));
  expect(linked.filter((path) => !isCopied(path))).toEqual([]);
});

test("every link between pages has a target", () => {
  const broken = pages.flatMap((path) => {
    const text = readFileSync(join(folder, path), "utf8");
    const links = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)(?:#[^)]*)?\)/g)].map((match) => match[1]!);
    return links
      .filter((link) => !existsSync(join(folder, dirname(path), link)))
      .map((link) => `docs/${path}: ${link}`);
  });
  expect(broken).toEqual([]);
});

test("every anchor that a link names is a heading of its page", () => {
  const sources = docsSources(root);
  const anchors = new Map(sources.map((source) => [source, headingsOf(source)]));
  const broken = sources.flatMap((source) =>
    linksOf(readFileSync(join(root, source), "utf8"))
      .filter((href) => {
        const target = href.startsWith("#") ? source : targetOf(source, href);
        const anchor = decodeURIComponent(/#(.*)$/.exec(href)?.[1] ?? "");
        return anchor !== "" && target !== undefined && anchors.get(target)?.has(anchor) === false;
      })
      .map((href) => `${source}: ${href}`),
  );
  expect(broken).toEqual([]);
});

/** Returns the anchors that GitHub creates for the headings of a page. */
function headingsOf(source: string): ReadonlySet<string> {
  let found = new Set<string>();
  const onPage = ({ sections }: RenderedPage): void => {
    found = new Set(sections.filter(({ level }) => level > 0).map(({ id }) => id));
  };
  siteMarkdown({ pages: new Set(), sourceOf: () => source, onPage }).render(readFileSync(join(root, source), "utf8"));
  return found;
}

test("every page is a row of docs/README.md, once", () => {
  const index = readFileSync(join(folder, "README.md"), "utf8");
  const rows = [...index.matchAll(/^- \[[^\]]+\]\(([^)#]+)\)/gm)].map((match) => match[1]!);
  const others = pages.map((path) => path.replaceAll("\\", "/")).filter((path) => path !== "README.md");
  expect(rows.toSorted()).toEqual(others.toSorted());
});

test("all files in e2e/src/docs/commands/exceptions.ts that run commands elsewhere exist", () => {
  const lost = EXCEPTIONS.flatMap((row) => {
    if (row.kind !== "elsewhere") return [];
    const path = join(root, row.test);
    return existsSync(path) && readFileSync(path, "utf8").includes(row.text) ? [] : [`${row.command}: ${row.test}`];
  });
  expect(lost).toEqual([]);
});

const knownFlags = new Set(
  [...generatedPages()].flatMap(([, text]) => [...text.matchAll(/`--([a-z][\w.-]+)`/g)].map((match) => match[1]!)),
);

/**
 * Returns flags in a text that are unknown to all commands. A flag counts if it is passed to narthex or written in
 * backticks.
 */
const strangeFlags = (text: string): string[] =>
  text
    .replaceAll("\\\n", " ")
    .split("\n")
    .flatMap((line) => [
      ...(/bin\/narthex (.*)/.exec(line)?.[1]?.matchAll(/(?:^| )--(?:no-)?([a-z][\w.-]*)/g) ?? []),
      ...line.matchAll(/`--(?:no-)?([a-z][\w.-]*)[`=]/g),
    ])
    .map((match) => match[1]!)
    .filter((name) => !knownFlags.has(name) && !["version", "help", "add-host"].includes(name));

test("every flag that a page shows exists", () => {
  const written = pages.filter((path) => !/^(?:flags|reference)\//.test(path));
  const strange = written.flatMap((path) =>
    strangeFlags(readFileSync(join(folder, path), "utf8")).map((name) => `docs/${path}: --${name}`),
  );
  expect(strange).toEqual([]);
});
