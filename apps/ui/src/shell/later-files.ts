/**
 * Fetches files that are needed after the first rendering. They are not in `<link>` elements, because browsers would
 * fetch those together with the first files and delay them.
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
