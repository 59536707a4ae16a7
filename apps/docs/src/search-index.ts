import type { RenderedPage } from "./markdown.ts";
import { indexOf } from "@narthex/ui/docs-search";
import { pagePathOf } from "./source-pages.ts";

/** Largest number of characters of a section's text that a result shows. */
const EXCERPT_LENGTH = 180;

/** Returns the search index as JSON: a document for each section of each page. */
export function searchIndex(pages: readonly RenderedPage[]): string {
  const documents = pages.flatMap(({ source, sections }) => {
    const path = pagePathOf(source);
    const first = sections.find(({ level }) => level === 1);
    return sections.map((section) => ({
      id: section === first ? path : `${path}#${section.id}`,
      title: section.title,
      page: section === first ? "" : (first?.title ?? path),
      text: section.text,
      excerpt: excerptOf(section.text),
    }));
  });
  return JSON.stringify(indexOf(documents));
}

function excerptOf(text: string): string {
  const line = text.replaceAll(/\s+/g, " ").trim();
  if (line.length <= EXCERPT_LENGTH) return line;
  return `${line.slice(0, line.lastIndexOf(" ", EXCERPT_LENGTH))} …`;
}
