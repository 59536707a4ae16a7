/** Time in ms for which a button shows that the text was copied. */
const SHOWN_MS = 1500;

/**
 * Adds a copy button to each code block. If the page may not write to the clipboard, as with plain HTTP, adds no
 * buttons.
 */
export function addCopyButtons(blocks: Iterable<Element>): void {
  if (!isSecureContext || navigator.clipboard === undefined) return;
  for (const block of blocks) {
    const frame = document.createElement("div");
    frame.className = "code";
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.textContent = "Copy";
    button.addEventListener("click", () => void copy(block.textContent, button));
    block.replaceWith(frame);
    frame.append(block, button);
  }
}

async function copy(text: string, button: HTMLButtonElement): Promise<void> {
  try {
    await navigator.clipboard.writeText(text.trimEnd());
    button.textContent = "Copied";
  } catch {
    button.textContent = "Not allowed";
  }
  setTimeout(() => (button.textContent = "Copy"), SHOWN_MS);
}
