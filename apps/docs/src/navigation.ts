import type markdownIt from "markdown-it";
import { FRONT, targetOf } from "./source-pages.ts";

type MarkdownIt = ReturnType<typeof markdownIt>;

export interface NavigationEntry {
  readonly title: string;
  /** Path of the page's source, relative to the root of the repository. */
  readonly source: string;
  /** The question that the page answers, as HTML; may be empty. */
  readonly about: string;
}

interface NavigationGroup {
  readonly title: string;
  readonly entries: readonly NavigationEntry[];
}

export interface Navigation {
  readonly title: string;
  /** Text before the first group, as HTML. */
  readonly intro: string;
  readonly groups: readonly NavigationGroup[];
}

/** Thrown for an invalid list item on the front page. The message contains the line of the item. */
export class NavigationError extends Error {
  override readonly name = "NavigationError";
}

const ROW = /^- \[(?<title>[^\]]+)\]\((?<href>[^)#]+)\)(?:: (?<about>.+))?$/;

/**
 * Reads the navigation from the source of the front page: `##` starts a group, and `- [title](page.md): what it
 * answers` is a page of the group. Throws NavigationError.
 *
 * @param md renders the texts of the rows
 */
export function readNavigation(text: string, md: Pick<MarkdownIt, "render" | "renderInline">): Navigation {
  const lines = text.replaceAll(/<!--.*?-->/gs, (comment) => comment.replaceAll(/[^\n]/g, "")).split("\n");
  const begins = lines.findIndex((line) => line.startsWith("## "));
  const title = /^# (.+)$/m.exec(text)?.[1];
  if (title === undefined || begins === -1)
    throw new NavigationError(`${FRONT}: begin it with "# title", and each group of pages with "## title"`);
  const groups: { title: string; entries: NavigationEntry[] }[] = [];
  lines.slice(begins).forEach((line, at) => {
    if (line.startsWith("## ")) groups.push({ title: line.slice(3), entries: [] });
    else if (line.trim() !== "") groups.at(-1)!.entries.push(readRow(line, begins + at + 1, md));
  });
  const intro = lines.slice(0, begins).filter((line) => !line.startsWith("# "));
  return { title, intro: md.render(intro.join("\n")), groups };
}

function readRow(line: string, number: number, md: Pick<MarkdownIt, "renderInline">): NavigationEntry {
  const { title, href, about = "" } = ROW.exec(line)?.groups ?? {};
  const source = targetOf(FRONT, href ?? "#");
  if (title === undefined || source === undefined)
    throw new NavigationError(
      `${FRONT}:${number}: ${JSON.stringify(line)} is not a row; write "- [title](page.md): what it answers" on one line`,
    );
  return { title, source, about: md.renderInline(about) };
}
