/**
 * Fetches files that are needed only after the first rendering. These files have no `<link>` elements in the page,
 * because browsers would then fetch them at the same time as the first files and delay those.
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
