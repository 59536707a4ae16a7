import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "playwright-core";

/** The script that looks for what keeps somebody out of a page. */
export const axeSource = (): string =>
  readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** What axe says of the page as it stands, one line per finding that keeps somebody out. @param rules absent: all */
export async function axeFindings(page: Page, rules?: readonly string[]): Promise<string[]> {
  return page.evaluate(async (only) => {
    interface Violation {
      readonly id: string;
      readonly impact: string;
      readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
    }
    type Run = (options: object) => Promise<{ violations: readonly Violation[] }>;
    const { axe } = globalThis as unknown as { axe: { run: Run } };
    // Of what is in order it then tells one element by rule, not all: finding words for each takes most of its time.
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
