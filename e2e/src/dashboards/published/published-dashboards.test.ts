import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchBrowser } from "../../support/headless-browser.ts";
import { lacks } from "../../support/requirements.ts";
import { PublishedStack } from "./published-stack.ts";
import { walkDashboard } from "./walk-dashboard.ts";

const absent = lacks("browser");
const conformance = process.env["NARTHEX_CONFORMANCE"] ?? "";
/**
 * Folder with additional dashboards (NARTHEX_PUBLISHED). The test prints the state of each of their panels, and saves
 * screenshots in a folder next to it.
 */
const further = process.env["NARTHEX_PUBLISHED"] ?? "";

const files = [
  ...(conformance === "" ? [] : [join(conformance, "dashboards/node-exporter-full.json")]),
  ...(further === ""
    ? []
    : readdirSync(further)
        .filter((name) => name.endsWith(".json"))
        .map((name) => join(further, name))),
];

let browser: Browser;
beforeAll(async () => {
  if (!absent) browser = await launchBrowser();
});
afterAll(async () => browser?.close());

test.skipIf(absent || files.length === 0).each(files.length === 0 ? ["(none: NARTHEX_CONFORMANCE)"] : files)(
  "every panel of %s shows data, or the reason why it has none",
  async (file) => {
    await using stack = new PublishedStack();
    const url = await stack.open(readFileSync(file, "utf8"), Date.now());
    const isFurther = file.startsWith(`${further}/`) && further !== "";
    const { panels, errors } = await walkDashboard(browser, url, isFurther ? `${file}.png` : undefined);
    const counts = Map.groupBy(panels, ({ state }) => state);
    const summary = [...counts].map(([state, { length }]) => `${state} ${length}`).join(", ");
    const without = panels.filter(({ state }) => state !== "data");
    const lines = without.map(
      ({ type, title, state, message }) => `  ${state} [${type}] ${title}: ${message.replaceAll("\n", " | ")}`,
    );
    if (isFurther)
      process.stdout.write(`${[`${basename(file)}: ${panels.length} panels, ${summary}`, ...lines].join("\n")}\n`);
    expect(errors).toEqual([]);
    expect(panels.length).toBeGreaterThan(0);
    for (const { message, title } of without) expect(message.replace(title, "").trim(), title).not.toBe("");
    if (!isFurther) expect(without).toEqual([]);
  },
);
