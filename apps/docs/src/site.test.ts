import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readIndex, search } from "@narthex/ui/docs-search";
import { docsSources } from "./repository-pages.ts";
import { FRONT, pagePathOf } from "./source-pages.ts";
import { QUESTIONS } from "./testing/newcomers-questions.ts";

const root = join(import.meta.dirname, "../../..");
const [site, again] = [mkdtempSync(join(tmpdir(), "docs-site-")), mkdtempSync(join(tmpdir(), "docs-again-"))];

beforeAll(() => {
  for (const out of [site, again])
    execFileSync(process.execPath, [join(import.meta.dirname, "../build.ts"), out], { stdio: "pipe" });
});

afterAll(() => {
  for (const out of [site, again]) rmSync(out, { recursive: true, force: true });
});

const filesOf = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => name.replaceAll("\\", "/"))
    .filter((name) => statSync(join(folder, name)).isFile())
    .toSorted();

const read = (name: string): string => readFileSync(join(site, name), "utf8");
const pages = (): string[] => filesOf(site).filter((name) => name.endsWith(".html"));

/** Returns all values of an attribute in HTML, unescaped. */
const attributes = (html: string, name: string): string[] =>
  [...html.matchAll(new RegExp(`\\s${name}="([^"]*)"`, "g"))].map((match) =>
    match[1]!.replaceAll("&amp;", "&").replaceAll("&quot;", '"'),
  );

test("the target of every link on every page exists on the site, including its anchor", () => {
  const names = new Set(filesOf(site));
  const anchors = new Map(pages().map((name) => [name, new Set(attributes(read(name), "id"))]));
  const broken = pages().flatMap((name) => {
    const html = read(name);
    return [...attributes(html, "href"), ...attributes(html, "src")]
      .filter((address) => {
        const { protocol, pathname, hash } = new URL(address, `site:///docs/${name}`);
        // Ignores links to "/", the start page of the program that serves the site, which is not part of the site.
        if (protocol !== "site:" || pathname === "/") return false;
        const target = decodeURI(pathname.slice("/docs/".length));
        const anchor = decodeURIComponent(hash.slice(1));
        return !names.has(target) || (anchor !== "" && anchors.get(target)?.has(anchor) !== true);
      })
      .map((address) => `${name}: ${address}`);
  });
  expect(broken).toEqual([]);
});

test("the anchors of a page are unique", () => {
  const twice = pages().flatMap((name) => {
    const ids = attributes(read(name), "id");
    return ids.filter((id, at) => ids.indexOf(id) !== at).map((id) => `${name}#${id}`);
  });
  expect(twice).toEqual([]);
});

test("every page of docs/ is on the site, and the front page links to it", () => {
  const expected = docsSources(root).map(pagePathOf);
  expect(pages()).toEqual(expect.arrayContaining(expected));
  const linked = attributes(read("index.html"), "href").map((href) => href.replace(/^\.\//, ""));
  expect(linked).toEqual(expect.arrayContaining(expected.filter((name) => name !== pagePathOf(FRONT))));
});

test("pages load nothing from other sites, and contain no inline scripts or styles", () => {
  const wrong = pages().flatMap((name) => {
    const html = read(name);
    const loaded = [...html.matchAll(/<(?:link|script|img|iframe|source|video|audio)\b[^>]*/g)]
      .flatMap(([element]) => [...attributes(element, "src"), ...attributes(element, "href")])
      .filter((address) => /^(?:[a-z]+:|\/)/i.test(address));
    const own = html.match(/<script(?![^>]*\ssrc=)[^>]*>|<style|\sstyle="|\son[a-z]+="/g) ?? [];
    return [...loaded, ...own].map((finding) => `${name}: ${finding}`);
  });
  expect(wrong).toEqual([]);
});

/**
 * Returns the addresses on the site, with anchors, to which the content of a page links. Links in the navigation are
 * left out.
 */
const linksFrom = (name: string): string[] =>
  attributes(/<main.*<\/main>/s.exec(read(name))![0], "href")
    .map((href) => new URL(href, `site:///docs/${name}`))
    .filter(({ protocol, pathname }) => protocol === "site:" && pathname.startsWith("/docs/"))
    .map(({ pathname, hash }) => pathname.slice("/docs/".length) + hash);

test.each(QUESTIONS)("$question is answered within two clicks from the front page", ({ answeredOn, says }) => {
  const [page, anchor] = answeredOn.split("#") as [string, string?];
  const first = linksFrom("index.html");
  const second = first.flatMap((address) => linksFrom(address.split("#", 1)[0]!));
  expect([...first, ...second].map((address) => address.split("#", 1)[0])).toContain(page);
  const html = read(page);
  const from = anchor === undefined ? 0 : html.indexOf(`id="${anchor}"`);
  expect(from, `#${anchor} on ${page}`).not.toBe(-1);
  // Selects the text that belongs to an anchor. The text ends at the next heading of level 1 or 2, or at the end of the
  // table row.
  const part = anchor === undefined ? html : html.slice(from).split(/<\/tr>|<h[12]/, 1)[0]!;
  expect(part.replaceAll(/<[^>]+>/g, "")).toMatch(says);
});

test.each([
  ["docker", "docker.html"],
  ["kubernetes", "kubernetes.html"],
  ["storage.tsdb.retention.time", "flags/server.html#--storagetsdbretentiontime"],
  ["slack", "alert-slack.html"],
  ["password", "web-config.html"],
  ["histogram_quantile", "reference/promql-functions.html#histogram_quantilescalar-vector"],
])("a search for %s leads to %s", async (words, id) => {
  const [best] = search(await readIndex(read("search-index.json")), words);
  expect(best?.id).toBe(id);
});

test("two builds of the same sources give the same bytes", () => {
  const sums = (folder: string): Record<string, string> =>
    Object.fromEntries(
      filesOf(folder).map((name) => [
        name,
        createHash("sha256")
          .update(readFileSync(join(folder, name)))
          .digest("hex"),
      ]),
    );
  expect(sums(again)).toEqual(sums(site));
});

test("the site is small, and its files have compressed copies", () => {
  const files = filesOf(site);
  const large = files.filter(
    (name) => /\.(?:html|css|js|json|svg)$/.test(name) && statSync(join(site, name)).size >= 1024,
  );
  expect(files).toEqual(expect.arrayContaining(large.flatMap((name) => [`${name}.br`, `${name}.gz`])));
  const bytes = (ending: RegExp): number =>
    files.filter((name) => ending.test(name)).reduce((sum, name) => sum + statSync(join(site, name)).size, 0);
  expect(bytes(/\.(?:br|png)$/)).toBeLessThan(1_100_000);
  expect(bytes(/./)).toBeLessThan(6_300_000);
});
