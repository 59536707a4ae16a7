import type { RenderedPage } from "./markdown.ts";
import { indexOf } from "./search.ts";
import { pagePathOf } from "./source-pages.ts";

/** Of a section's text so much is shown with a result. */
const EXCERPT_LENGTH = 180;

/** The index that the browser searches, as JSON: a document for each section of each page. */
export function searchIndex(pages: readonly RenderedPage[]): string {
  const documents = pages.flatMap(({ source, sections }) => {
    const path = pagePathOf(source);
    const page = sections.find(({ level }) => level === 1)?.title ?? path;
    return sections.map(({ id, level, title, text }) => ({
      id: level === 1 ? path : `${path}#${id}`,
      title,
      page: level === 1 ? "" : page,
      text,
      excerpt: excerptOf(text),
    }));
  });
  return JSON.stringify(indexOf(documents));
}

function excerptOf(text: string): string {
  const line = text.replaceAll(/\s+/g, " ").trim();
  if (line.length <= EXCERPT_LENGTH) return line;
  return `${line.slice(0, line.lastIndexOf(" ", EXCERPT_LENGTH))} …`;
}
