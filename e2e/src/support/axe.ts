import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "playwright-core";

/** Source of axe, which finds accessibility problems in a page. */
export const axeSource = (): string =>
  readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/**
 * Resolves with serious accessibility problems that axe finds in the current page, one line for each.
 * @param rules rules to check; default: all
 */
export async function axeFindings(page: Page, rules?: readonly string[]): Promise<string[]> {
  return page.evaluate(async (only) => {
    interface Violation {
      readonly id: string;
      readonly impact: string;
      readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
    }
    type Run = (options: object) => Promise<{ violations: readonly Violation[] }>;
    const { axe } = globalThis as unknown as { axe: { run: Run } };
    // Limits passed rules to one element each, because describing every element takes most of axe's time.
    const { violations } = await axe.run({
      resultTypes: ["violations"],
      ...(only === undefined ? {} : { runOnly: only }),
    });
    return violations
      .filter(({ impact }) => impact === "critical" || impact === "serious")
      .flatMap(({ id, nodes }) =>
        nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 300)} ${failureSummary}`),
      );
  }, rules);
}
