/**
 * Fetches files that are needed after the first rendering. The page has no `<link>` elements for these files: browsers
 * would fetch them together with the first files and delay those.
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
