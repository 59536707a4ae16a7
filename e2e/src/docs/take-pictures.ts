import { join } from "node:path";
import { chromium } from "playwright-core";
import { eventually } from "../support/eventually.ts";
import { freePortOffset } from "../support/ports.ts";
import { untilQuery } from "../support/query.ts";
import { browser as executablePath } from "../support/requirements.ts";
import { narthex, root } from "../support/running.ts";
import { Workplace } from "../support/workplace.ts";

/**
 * `pnpm docs:pictures` takes new screenshots for README.md in light and dark mode, from a stack that it starts and the
 * browser in NARTHEX_BROWSER. Takes three minutes; run it after a change of the pictured pages.
 */
const SIZE = { width: 1280, height: 800 };

/** Time in seconds for which the stack collects data before the screenshots, so that graphs have enough data. */
const WATCHED_S = 120;

interface Picture {
  readonly name: string;
  readonly port: number;
  readonly path: string;
  /** Text that the page contains as soon as it can be photographed. */
  readonly shows: string;
}

/** Screenshots for README.md. To add a screenshot, add a row. */
const PICTURES: readonly Picture[] = [
  { name: "host", port: 3000, path: "/d/narthex-host?from=now-3m&to=now", shows: "canvas" },
  {
    name: "query",
    port: 9090,
    path: `/graph?g0.expr=${encodeURIComponent('sum by (mode) (rate(node_cpu_seconds_total{mode!="idle"}[30s]))')}&g0.tab=0&g0.range_input=3m`,
    shows: "canvas",
  },
];

using workplace = new Workplace();
const offset = await freePortOffset();
await using up = narthex(["up", `--data-dir=${workplace.path("data")}`, `--port-offset=${offset}`], {
  env: { ...process.env, GF_AUTH_ANONYMOUS_ENABLED: "true" },
});
await up.printed(/^Ready\./m);
const watched = `count_over_time(up{job="node"}[5m]) > ${WATCHED_S / 5}`;
await untilQuery(`http://127.0.0.1:${9090 + offset}`, watched, ({ length }) => length === 1);

const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
for (const colorScheme of ["light", "dark"] as const) {
  const context = await browser.newContext({ viewport: SIZE, colorScheme });
  for (const { name, port, path, shows } of PICTURES) {
    const page = await context.newPage();
    await page.goto(`http://localhost:${port + offset}${path}`);
    await page.locator(shows).first().waitFor();
    await page.waitForLoadState("networkidle");
    await eventually("the page stands still", async () => {
      const [before, after] = [await page.screenshot(), await page.screenshot()];
      if (!before.equals(after)) throw new Error("it is being drawn");
    });
    await page.screenshot({ path: join(root, `docs/pictures/${name}${colorScheme === "dark" ? "-dark" : ""}.png`) });
    await page.close();
  }
  await context.close();
}
await browser.close();
