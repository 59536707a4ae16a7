import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "playwright-core";

/** Source of axe, which finds accessibility problems in a page. */
export const axeSource = (): string =>
  readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** A script that waits until the page has drawn its latest state, and the transitions of this state have ended. */
const TRANSITIONS_ENDED = `(async () => {
  for (let frame = 0; frame < 2; frame++) await new Promise((resolve) => requestAnimationFrame(resolve));
  const transitions = document.getAnimations().filter((one) => one instanceof CSSTransition);
  await Promise.allSettled(transitions.map(({ finished }) => finished));
})()`;

/**
 * Resolves with the accessibility problems that axe finds in the current page, one line for each. Waits until
 * transitions have ended, because during a transition a dialog has no name yet and colours are mixed.
 * @param rules rules to check; default: all
 */
export async function axeFindings(page: Page, rules?: readonly string[]): Promise<string[]> {
  await page.evaluate(TRANSITIONS_ENDED);
  return page.evaluate(async (only) => {
    interface Violation {
      readonly id: string;
      readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
    }
    type Run = (context: unknown, options: object) => Promise<{ violations: readonly Violation[] }>;
    interface Shown {
      readonly axe: { readonly run: Run };
      readonly document: { readonly querySelectorAll: (selector: string) => Iterable<unknown> };
    }
    const { axe, document } = globalThis as unknown as Shown;
    // Results of passed rules are limited to one element each, because describing every element takes most of axe's
    // time.
    // A modal dialog is checked without the page behind it, whose targets would count as covering those of the dialog.
    const dialog = [...document.querySelectorAll("[role=dialog][aria-modal=true]")].at(-1);
    const { violations } = await axe.run(dialog ?? document, {
      resultTypes: ["violations"],
      // axe leaves out the size of targets by default. The rule "region" would report menus and tooltips, which are
      // outside of the page's landmarks.
      ...(only === undefined
        ? { rules: { "target-size": { enabled: true }, region: { enabled: false } } }
        : { runOnly: only }),
    });
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 300)} ${failureSummary}`),
    );
  }, rules);
}
