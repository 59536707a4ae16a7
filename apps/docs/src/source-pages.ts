import { posix } from "node:path";

/** The folder of the repository whose Markdown is the site. */
export const DOCS = "docs";
/** The source of the front page, and of the navigation. */
export const FRONT = `${DOCS}/README.md`;

/** Where the page of a source is, by their paths from the root of the repository and of the site. */
export function pagePathOf(source: string): string {
  if (source === FRONT) return "index.html";
  const path = source.startsWith(`${DOCS}/`) ? source.slice(DOCS.length + 1) : `repository/${source}`;
  return `${path.replace(/\.md$/, "")}.html`;
}

/** From a page to the root of the site: `./`, `../` … */
export const rootFrom = (page: string): string => "../".repeat(page.split("/").length - 1) || "./";

/** The path in the repository that a link of a source leads to; undefined for a place in the same page or elsewhere. */
export function targetOf(source: string, href: string): string | undefined {
  if (/^(?:[a-z][a-z\d+.-]*:|#|\/)/i.test(href)) return undefined;
  const path = decodeURI(href.split("#", 1)[0]!);
  return posix.join(posix.dirname(source), path).replace(/\/$/, "");
}

/**
 * What a link of a source becomes on its page: relative, so that the site works below any path.
 *
 * @param pages sources that have a page
 * @returns undefined where the site has nothing that the link could lead to
 */
export function siteHref(source: string, href: string, pages: ReadonlySet<string>): string | undefined {
  const target = targetOf(source, href);
  if (target === undefined) return href;
  const from = posix.dirname(pagePathOf(source));
  const fragment = /#.*$/.exec(href)?.[0] ?? "";
  if (pages.has(target)) return encodeURI(posix.relative(from, pagePathOf(target))) + fragment;
  const isFile = target.startsWith(`${DOCS}/`) && !target.endsWith(".md") && posix.extname(target) !== "";
  return isFile ? encodeURI(posix.relative(from, target.slice(DOCS.length + 1))) : undefined;
}
