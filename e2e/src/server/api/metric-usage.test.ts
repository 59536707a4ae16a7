import { createServer } from "node:http";
import { expect, test } from "vitest";
import { eventually } from "../../support/eventually.ts";
import { onLoopback } from "../../support/loopback.ts";
import { api } from "../../support/query.ts";
import { serve } from "../../support/serving.ts";
import { Workplace } from "../../support/workplace.ts";

interface Report {
  readonly metrics: readonly { readonly metric: string; readonly job: string; readonly series: number }[];
  readonly sources: Readonly<Record<string, number>>;
  readonly dropRules: string;
}

interface Targets {
  readonly activeTargets: readonly { readonly health: string }[];
}

interface Vector {
  readonly result: readonly unknown[];
}

const PAGE = ["by_query", "by_rule", "by_dashboard", "by_federation", "by_nobody"]
  .map((name) => `# TYPE ${name} gauge\n${name}{i="1"} 1\n${name}{i="2"} 2\n`)
  .join("");

const report = (base: string): Promise<Report> => api<Report>(base, "narthex/metric-usage", {});

const unusedIn = async (base: string): Promise<readonly string[]> =>
  (await report(base)).metrics.map(({ metric }) => metric);

const found = async (base: string, query: string): Promise<number> =>
  (await api<Vector>(base, "query", { query })).result.length;

test("unused metrics are listed, also after a restart, and the suggested rules drop them", async () => {
  await using target = await onLoopback(
    createServer((_request, response) => {
      response.writeHead(200, { "content-type": "text/plain; version=0.0.4" }).end(PAGE);
    }),
  );
  using workplace = new Workplace();
  // Expression of the dashboard, which also uses the recorded metric. Otherwise that metric would be listed as unused
  // if the rule is evaluated during the test.
  const expr = "sum(by_dashboard) + sum(recorded)";
  workplace.write("dashboards/team/one.json", JSON.stringify({ panels: [{ targets: [{ expr }] }] }));
  workplace.write("rules.yml", "groups: [{name: g, rules: [{record: recorded, expr: sum(by_rule)}]}]");
  const config = (relabeling: string): string =>
    `global: {scrape_interval: 1s}
rule_files: [rules.yml]
scrape_configs:
  - job_name: app
    static_configs: [{targets: ["127.0.0.1:${target.port}"]}]
${relabeling}`;
  const flags = ["--query.record-usage", `--query.usage-dashboards=${workplace.path("dashboards")}`];
  {
    await using server = await serve("narthex", workplace, "data", { config: config(""), flags });
    const { base } = server;
    await eventually("the target is scraped", async () => expect(await found(base, "up")).toBe(1));
    expect(await unusedIn(base)).toEqual(["by_federation", "by_nobody", "by_query"]);
    expect(await found(base, 'rate(by_query[1m]) or by_query{i="1"}')).toBeGreaterThan(0);
    await (await fetch(`${base}/federate?match[]=by_federation`)).text();
    await eventually("uses are recorded", async () => expect(await unusedIn(base)).toEqual(["by_nobody"]));
    server.running.kill("SIGTERM");
    expect(await server.running.ended).toEqual({ code: 0, signal: null });
  }
  await using server = await serve("narthex", workplace, "data", { config: config(""), flags });
  const { base } = server;
  // Waits for a new scrape: after the restart, a series is reported as ended only if it was scraped since the restart.
  await eventually("the target is scraped anew", async () => {
    const { activeTargets } = await api<Targets>(base, "targets", {});
    expect(activeTargets.map(({ health }) => health)).toEqual(["up"]);
  });
  const { dropRules, metrics, sources } = await report(base);
  expect(metrics).toMatchObject([{ metric: "by_nobody", job: "app", series: 2 }]);
  expect(sources).toMatchObject({ rules: 1, dashboards: 1 });
  const [, relabeling] = dropRules.split("  - job_name: 'app'\n");
  workplace.write("data-narthex.yml", config(relabeling!));
  server.running.kill("SIGHUP");
  await eventually("it is dropped", async () => expect(await found(base, "by_nobody")).toBe(0));
  expect(await found(base, "by_query")).toBe(2);
});
