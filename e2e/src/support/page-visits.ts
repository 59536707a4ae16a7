import type { Page } from "playwright-core";
import { axeFindings, axeSource } from "./axe.ts";

/** The address of a page, and an optional action on the page before it is checked. */
export type Visit = readonly [url: string, act?: ((page: Page) => Promise<unknown>) | undefined];

async function open(page: Page, [url, act]: Visit): Promise<void> {
  await page.goto(url);
  await page.getByRole("heading", { level: 1 }).waitFor();
  await page.waitForLoadState("networkidle");
  await act?.(page);
}

/**
 * Visits pages. Resolves with the serious accessibility problems of each page.
 *
 * @param rules rules to check; default: all
 */
export async function axeProblems(page: Page, visits: readonly Visit[], rules?: readonly string[]): Promise<unknown[]> {
  await page.context().addInitScript(axeSource());
  const found: unknown[] = [];
  for (const visit of visits) {
    await open(page, visit);
    const [url] = visit;
    for (const finding of await axeFindings(page, rules)) found.push({ url, finding });
  }
  return found;
}

/** Resolves with the width in px by which a page is wider than its window. */
export const overhangOf = (page: Page): Promise<number> =>
  page.evaluate<number>("document.documentElement.scrollWidth - innerWidth");

/** Visits pages. Resolves with the pages that are wider than the window. */
export async function widePages(page: Page, visits: readonly Visit[]): Promise<unknown[]> {
  const found: unknown[] = [];
  for (const visit of visits) {
    await open(page, visit);
    const overhang = await overhangOf(page);
    if (overhang !== 0) found.push({ url: visit[0], overhang });
  }
  return found;
}
