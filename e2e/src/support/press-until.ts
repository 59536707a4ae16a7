import type { Page } from "playwright-core";

const MAX_PRESSES = 80;

const FOCUSED = `(document.activeElement?.getAttribute("aria-label") ?? document.activeElement?.textContent ?? "").trim()`;

/** Presses a key until the element with this accessible name has the focus. */
export async function pressUntil(page: Page, key: string, name: string): Promise<void> {
  const passed: string[] = [];
  while (passed.length < MAX_PRESSES) {
    await page.keyboard.press(key);
    passed.push(await page.evaluate<string>(FOCUSED));
    if (passed.at(-1) === name) return;
  }
  throw new Error(`${key} does not lead to ${name}, but to ${passed.join(", ")}`);
}
