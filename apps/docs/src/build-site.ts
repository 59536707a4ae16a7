import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { Eleventy, type EleventyConfig } from "@11ty/eleventy";
import syntaxHighlight from "@11ty/eleventy-plugin-syntaxhighlight";
import { precompress } from "@narthex/ui/precompress";
import { writeAssets } from "./assets.ts";
import { type RenderedPage, siteMarkdown } from "./markdown.ts";
import { type Navigation, type NavigationEntry, readNavigation } from "./navigation.ts";
import { docsSources, repositoryPages } from "./repository-pages.ts";
import { searchIndex } from "./search-index.ts";
import { DOCS, FRONT, pagePathOf, rootFrom } from "./source-pages.ts";

/** Matches names of image files, which are already compressed. */
const IMAGE = /\.(?:png|jpe?g|webp)$/;

/**
 * Builds the site from docs/ of a checkout: pages, styles, scripts, and the search index, each with a brotli and a gzip
 * copy. The same sources give the same bytes.
 * @param root folder of the checkout; it becomes the working directory, because the generator reads only files there
 * @param out an empty or missing folder
 */
export async function buildSite(root: string, out: string): Promise<void> {
  process.chdir(root);
  const others = repositoryPages(root);
  const pages = new Set([...docsSources(root), ...others.map(({ source }) => source)]);
  const rendered = new Map<string, RenderedPage>();
  const md = siteMarkdown({ pages, sourceOf, onPage: (page) => rendered.set(page.source, page) });
  const introduction = siteMarkdown({ pages, sourceOf: () => FRONT, onPage: () => {} });
  const navigation = readNavigation(readFileSync(join(root, FRONT), "utf8"), introduction);
  mkdirSync(out, { recursive: true });
  const assets = await writeAssets(out);
  const generator = new Eleventy(DOCS, relative(root, out), {
    configPath: false,
    quietMode: true,
    config(config) {
      config.setTemplateFormats(["md"]);
      config.setLibrary("md", md);
      config.addPlugin(syntaxHighlight, { preAttributes: { tabindex: 0 } });
      config.addPassthroughCopy({ [`${DOCS}/pictures`]: "pictures" });
      for (const { source, markdown } of others) config.addTemplate(inputOf(source).slice(DOCS.length + 1), markdown);
      config.addTemplate(
        "404.md",
        "# Nothing is here\n\nThe page may have been renamed: search for it, or begin at the front page.\n",
      );
      // Renders all sources as plain Markdown without template engines, because the docs contain templates of other
      // programs, which must stay unchanged.
      config.addGlobalData("templateEngineOverride", "md");
      usePages(config, { navigation, rendered, assets });
    },
  });
  await generator.write();
  const sections = [...rendered.values()].filter(({ source }) => pages.has(source) && source !== FRONT);
  const sorted = sections.toSorted((a, b) => (a.source < b.source ? -1 : 1));
  writeFileSync(join(out, "search-index.json"), searchIndex(sorted));
  await precompress(out, (path) => !IMAGE.test(path));
}

/** Data about a page that Eleventy, the site generator, provides. */
interface PageData {
  /** Path of the page's source relative to the working directory; starts with `./`. */
  readonly page: { readonly inputPath: string };
}

/** Virtual folder for sources outside docs/. The generator reads only Markdown below docs/. */
const ELSEWHERE = `${DOCS}/repository/`;
const inputOf = (source: string): string => `${ELSEWHERE}${source}.page.md`;
const sourceOf = (env: unknown): string => {
  const path = (env as PageData).page.inputPath.replace(/^\.\//, "");
  return path.startsWith(ELSEWHERE) ? path.slice(ELSEWHERE.length).replace(/\.page\.md$/, "") : path;
};

interface Site {
  readonly navigation: Navigation;
  readonly rendered: ReadonlyMap<string, RenderedPage>;
  readonly assets: Readonly<Record<string, string>>;
}

function usePages(config: EleventyConfig, { navigation, rendered, assets }: Site): void {
  config.setIncludesDirectory(`../${relative(".", join(import.meta.dirname, "../theme"))}`);
  const given: Readonly<Record<string, unknown>> = { layout: "page.njk", navigation, assets, front: FRONT };
  for (const [name, value] of Object.entries(given)) config.addGlobalData(name, value);
  config.addGlobalData("permalink", () => (data: PageData) => pagePathOf(sourceOf(data)));
  const order = navigation.groups.flatMap(({ entries }) => entries);
  const neighbour = (source: string, step: number): NavigationEntry | undefined => {
    const at = order.findIndex((entry) => entry.source === source);
    return at === -1 ? undefined : order[at + step];
  };
  config.addFilter("source", (page: PageData["page"]) => sourceOf({ page }));
  const filters: Readonly<Record<string, (source: string) => unknown>> = {
    address: pagePathOf,
    root: (source) => rootFrom(pagePathOf(source)),
    title: (source) => rendered.get(source)?.sections.find(({ level }) => level === 1)?.title,
    outline: (source) => rendered.get(source)?.sections.filter(({ level }) => level === 2 || level === 3),
    previous: (source) => neighbour(source, -1),
    next: (source) => neighbour(source, 1),
  };
  for (const [name, filter] of Object.entries(filters)) config.addFilter(name, filter);
}
