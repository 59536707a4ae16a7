import { posix } from "node:path";

/** Folder of the repository that contains the Markdown of the site. */
export const DOCS = "docs";
/** Path of the source of the front page, which is also the source of the navigation. */
export const FRONT = `${DOCS}/README.md`;

/** Returns the path of a page on the site, from the path of its source in the repository. */
export function pagePathOf(source: string): string {
  if (source === FRONT) return "index.html";
  const path = source.startsWith(`${DOCS}/`) ? source.slice(DOCS.length + 1) : `repository/${source}`;
  return `${path.replace(/\.md$/, "")}.html`;
}

/** Returns the relative path from a page to the root of the site: `./`, `../` … */
export const rootFrom = (page: string): string => "../".repeat(page.split("/").length - 1) || "./";

/**
 * Returns the path in the repository to which a link in a source leads. Undefined for a link to the same page or to
 * another site.
 */
export function targetOf(source: string, href: string): string | undefined {
  if (/^(?:[a-z][a-z\d+.-]*:|#|\/)/i.test(href)) return undefined;
  const path = decodeURI(href.split("#", 1)[0]!);
  return posix.join(posix.dirname(source), path).replace(/\/$/, "");
}

/**
 * Returns the address of a link on a page, from the link in its source. The address is relative, so that the site works
 * below any path.
 * @param pages paths of sources that have a page
 * @returns undefined if the site has no target for the link
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
