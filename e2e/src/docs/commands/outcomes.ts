import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { untilQuery } from "../../support/query.ts";
import { SERVICE_PORT } from "./reader.ts";
import type { Reader } from "./reader.ts";
import type { Stack } from "./stack.ts";

/**
 * Checks the results that a documentation page promises, while the programs that the page started are still running.
 */
type Outcome = (reader: Reader, stack: Stack) => Promise<void>;

/** Checks of promised results, by documentation page. To check another page, add a row. */
export const OUTCOMES: Readonly<Record<string, Outcome>> = {
  "docs/first-service.md": firstService,
  "docs/first-service-go.md": shopIsScraped("go_goroutines"),
  "docs/first-service-java.md": shopIsScraped(),
  "docs/first-service-node.md": shopIsScraped("nodejs_version_info"),
  "docs/first-service-python.md": shopIsScraped("python_info"),
};

/** Names of the metrics of the documentation's example shop, which has an example program for each language. */
const SHOP_METRICS = [
  'shop_orders_total{status="ok"}',
  'shop_orders_total{status="failed"}',
  "shop_orders_in_progress",
  'shop_order_seconds_bucket{le="0.05"}',
  'shop_order_seconds_bucket{le="+Inf"}',
  "shop_order_seconds_sum",
  "shop_order_seconds_count >= 1",
];

/**
 * Returns a check that the server scrapes the example program of a documentation page. The server must store the
 * program's metrics and those of the client library.
 */
function shopIsScraped(...others: readonly string[]): Outcome {
  return async (reader, stack) => {
    const job = reader.page.path;
    const file = join(stack.configDir, "prometheus.yml");
    const address = `localhost:${reader.port(SERVICE_PORT)}`;
    appendFileSync(file, `\n  - job_name: ${job}\n    static_configs: [{ targets: ["${address}"] }]\n`);
    expect((await fetch(`${stack.server}/-/reload`, { method: "POST" })).status).toBe(200);
    const one = (result: readonly unknown[]): boolean => result.length === 1;
    await untilQuery(stack.server, `up{job="${job}"} == 1`, one);
    for (const metric of [...SHOP_METRICS, ...others]) {
      const [name, rest = ""] = metric.split(/(?=[{ ])(.*)/);
      const matchers = rest.startsWith("{") ? `${rest.slice(0, -1)},job="${job}"}` : `{job="${job}"}${rest}`;
      await untilQuery(stack.server, `${name}${matchers}`, one);
    }
  };
}

interface Panel {
  readonly panels?: readonly Panel[];
  readonly targets?: readonly { readonly expr?: string }[];
}

/**
 * Checks the promised results of docs/first-service.md: the alert fires and has reached the Alertmanager, and the
 * generated dashboard shows all metrics of the example shop.
 */
async function firstService(reader: Reader, stack: Stack): Promise<void> {
  await untilQuery(stack.server, 'ALERTS{alertname="OrdersFail",alertstate="firing"}', ({ length }) => length === 1);
  await reader.run(`until bin/narthex amtool --alertmanager.url=http://localhost:9093 alert query OrdersFail | grep OrdersFail
do sleep 0.2; done`);
  const sources = (await stack.requestDashboards("/api/datasources")) as readonly { uid: string; type: string }[];
  const { uid } = sources.find(({ type }) => type === "prometheus")!;
  const made = await stack.requestDashboards("/api/narthex/generate", { datasource: { uid }, job: "shop" });
  const { panels = [] } = ((made as { dashboard?: Panel }).dashboard ?? made) as Panel;
  const shown = JSON.stringify(panels);
  for (const name of ["shop_orders_total", "shop_orders_in_progress", "shop_order_seconds_bucket"])
    expect(shown).toContain(name);
}
