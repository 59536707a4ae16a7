import { execFileSync } from "node:child_process";
import { createServer } from "node:http";
import { expect, test } from "vitest";
import { onLoopback } from "../../support/loopback.ts";
import { api, instant, untilQuery, type VectorSample } from "../../support/query.ts";
import { launcher } from "../../support/running.ts";
import { type Served, serve } from "../../support/serving.ts";
import { Workplace } from "../../support/workplace.ts";

interface Notice {
  readonly text: string;
}

/** A scrape job with a series budget, and its target. The target's page ends with the number of the scrape. */
class BudgetedTarget {
  page = "x 1\ny 1\n";
  scrapes = 0;
  readonly server = createServer((_request, response) => {
    response.writeHead(200, { "content-type": "text/plain; version=0.0.4" });
    response.end(`${this.page}scrapes ${++this.scrapes}\n`);
  });

  /** Waits until the server has stored a page that it requested after this call. */
  async stored({ base }: Served): Promise<void> {
    const before = this.scrapes;
    const isNewer = ([scrapes]: readonly VectorSample[]): boolean => Number(scrapes?.value[1] ?? 0) > before;
    await untilQuery(base, "scrapes", isNewer);
  }
}

test("a job over its budget accepts no new series, keeps its own even after a crash, and reports this", async () => {
  using workplace = new Workplace();
  const target = new BudgetedTarget();
  await using listening = await onLoopback(target.server);
  const config = `scrape_configs:
  - job_name: app
    scrape_interval: 1s
    series_budget: { series: 3, action: cut }
    static_configs: [{ targets: ["127.0.0.1:${listening.port}"] }]
`;
  const checked = execFileSync(launcher, ["promtool", "check", "config", workplace.write("checked.yml", config)]);
  expect(String(checked)).toContain("is valid prometheus config file syntax");
  const start = (): Promise<Served> => serve("narthex", workplace, "data", { config, flags: [] });
  const names = async ({ base }: Served): Promise<string[]> =>
    (await instant(base, '{job="app",__name__!~"up|scrape_.*"}')).map(({ metric }) => metric["__name__"]!).toSorted();
  {
    await using server = await start();
    await target.stored(server);
    target.page = "new 1\nx 1\ny 1\nnewer 1\n";
    await target.stored(server);
    expect(await names(server)).toEqual(["scrapes", "x", "y"]);
    server.running.kill("SIGKILL");
    await server.running.ended;
  }
  await using server = await start();
  await target.stored(server);
  // The first new series on the page uses the free budget. Series from the write-ahead log continue in any case.
  expect(await names(server)).toEqual(["new", "scrapes", "x", "y"]);
  const notices = await api<readonly Notice[]>(server.base, "notifications");
  const notice = 'Scrape job "app" is over its budget of 3 series. New ones are left out.';
  expect(notices.map(({ text }) => text)).toEqual([notice]);
  const page = await (await fetch(`${server.base}/metrics`)).text();
  expect(page).toContain('\nnarthex_scrape_series_budget{scrape_job="app"} 3\n');
  expect(page).toContain('\nnarthex_scrape_series_budget_series{scrape_job="app"} 4\n');
  expect(page).toContain('\nnarthex_scrape_series_budget_cut_series{scrape_job="app"} 1\n');
});
