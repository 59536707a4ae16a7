/**
 * Delay in ms before a downloaded object URL is released, because some browsers read the content only after the click
 * event.
 */
const TAKEN_AFTER_MS = 60_000;

/** Downloads a file. */
export function download(name: string, content: Blob): void {
  const url = URL.createObjectURL(content);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), TAKEN_AFTER_MS);
}
