/**
 * Fetches the files that the document lists for after the first drawing. The document contains no `<link>` elements for
 * these files. Otherwise a browser would fetch them together with the first files, and delay the first files.
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
