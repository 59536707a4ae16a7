import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { extname, join } from "node:path";
import { linksOf } from "./markdown.ts";
import { DOCS, targetOf } from "./source-pages.ts";

export interface RepositoryPage {
  readonly source: string;
  readonly markdown: string;
}

/** Returns the sources below docs/, sorted by name. */
export const docsSources = (root: string): string[] =>
  readdirSync(join(root, DOCS), { recursive: true, encoding: "utf8" })
    .map((path) => `${DOCS}/${path.replaceAll("\\", "/")}`)
    .filter((path) => path.endsWith(".md"))
    .toSorted();

/** Thrown for a link to a file that does not exist. The message contains the file and line of the link. */
export class LinkError extends Error {
  override readonly name = "LinkError";
}

/**
 * Returns pages for all repository files outside docs/ to which docs/ links, because a release does not contain these
 * files. Markdown files stay unchanged; other files and folders are shown as code. Throws LinkError if a file does not
 * exist.
 */
export function repositoryPages(root: string): RepositoryPage[] {
  const targets = docsSources(root).flatMap((source) => targetsIn(root, source));
  return [...new Set(targets)]
    .filter((target) => !target.startsWith(`${DOCS}/`))
    .toSorted()
    .map((source) => ({ source, markdown: markdownOf(root, source) }));
}

function targetsIn(root: string, source: string): string[] {
  const text = readFileSync(join(root, source), "utf8");
  return linksOf(text).flatMap((href) => {
    const target = targetOf(source, href);
    if (target === undefined) return [];
    if (!target.startsWith("../") && existsSync(join(root, target))) return [target];
    const line = text.slice(0, text.indexOf(`](${href}`)).split("\n").length;
    throw new LinkError(`${source}:${line}: the link ${href} is broken: ${target} does not exist`);
  });
}

function markdownOf(root: string, source: string): string {
  const path = join(root, source);
  if (source.endsWith(".md")) return readFileSync(path, "utf8");
  if (!statSync(path).isDirectory()) return `# ${source}\n\n${codeOf(path)}`;
  const files = readdirSync(path, { recursive: true, encoding: "utf8" })
    .map((name) => name.replaceAll("\\", "/"))
    .filter((name) => statSync(join(path, name)).isFile())
    .toSorted();
  return [`# ${source}`, ...files.map((name) => `## ${name}\n\n${codeOf(join(path, name))}`)].join("\n\n");
}

function codeOf(path: string): string {
  const text = readFileSync(path, "utf8").replace(/\n?$/, "\n");
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}${LANGUAGES[extname(path)] ?? "text"}\n${text}${fence}`;
}

/** Languages for syntax highlighting, by file extension. */
const LANGUAGES: Readonly<Record<string, string>> = { ".yaml": "yaml", ".yml": "yaml", ".json": "json", ".sh": "sh" };
