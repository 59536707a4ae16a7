/**
 * Fetches what the document says that the page will need once it is drawn. The document has no links to these files: a
 * browser would fetch them beside the first ones, and have all of them later.
 */
export function fetchLaterFiles(): void {
  for (const { content } of document.querySelectorAll<HTMLMetaElement>("meta[name=later-file]")) {
    const link = document.createElement("link");
    link.rel = "modulepreload";
    link.crossOrigin = "";
    link.href = content;
    document.head.append(link);
  }
}
