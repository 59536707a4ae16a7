import { createServer } from "node:http";
import { expect, test } from "vitest";
import { eventually } from "../../support/eventually.ts";
import { api } from "../../support/query.ts";
import { type Served, serve } from "../../support/serving.ts";
import { Workplace } from "../../support/workplace.ts";

interface ShownAlert {
  readonly state: string;
  readonly activeAt: string;
  readonly heldBy?: string;
}

/** Starts a target with the metric `load`, which the test changes. Without a value, the page has no such metric. */
async function openTarget() {
  const page = { load: 9 as number | undefined };
  const server = createServer((_request, response) => {
    response.setHeader("Content-Type", "text/plain");
    response.end(page.load === undefined ? "other 1\n" : `load ${page.load}\n`);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { readonly port: number };
  return { page, address: `127.0.0.1:${port}`, [Symbol.dispose]: () => void server.close() };
}

const alertsOf = async ({ base }: Served): Promise<readonly ShownAlert[]> =>
  (await api<{ readonly alerts: readonly ShownAlert[] }>(base, "alerts")).alerts;

const until = (server: Served, what: string, heldBy: string | undefined): Promise<ShownAlert> =>
  eventually(what, async () => {
    const [alert] = await alertsOf(server);
    expect([alert?.state, alert?.heldBy]).toEqual(["firing", heldBy]);
    return alert!;
  });

test("a behaviour holds an alert without data, over kill -9, and until its value has recovered", async () => {
  using workplace = new Workplace();
  using target = await openTarget();
  const rules = workplace.write(
    "rules.yml",
    "groups: [{ name: g, interval: 1s, rules: [{ alert: High, expr: load > 5 }] }]",
  );
  const behaviours = "behaviours: [{ alert: High, on_no_data: keep, recovery_threshold: 3 }]\n";
  const file = workplace.write("behaviours.yml", behaviours);
  const settings = {
    config: `rule_files: ["${rules}"]\nscrape_configs: [{ job_name: a, scrape_interval: 1s, scrape_timeout: 1s, static_configs: [{ targets: ["${target.address}"] }] }]\n`,
    flags: [`--rules.behaviour-files=${file}`, "--web.enable-lifecycle", "--storage.tsdb.no-lockfile"],
  };
  let began: string;
  {
    await using server = await serve("narthex", workplace, "data", settings);
    began = (await until(server, "the alert fires", undefined)).activeAt;
    target.page.load = undefined;
    await until(server, "the alert is held without data", "no_data");
    workplace.write("behaviours.yml", behaviours.replace("3", "30"));
    const refused = await fetch(`${server.base}/-/reload`, { method: "POST" });
    expect([refused.status, await refused.text()]).toEqual([
      500,
      expect.stringContaining(`${file}:1:67: alert "High" of group "g": the recovery threshold 30 is above 5`),
    ]);
    const { groups } = await api<{ groups: readonly { rules: readonly object[] }[] }>(server.base, "rules");
    expect(groups[0]!.rules[0]).toMatchObject({ behaviour: { onNoData: "keep", recoveryThreshold: "< 3" } });
    expect(await (await fetch(`${server.base}/metrics`)).text()).toMatch(
      /narthex_rule_held_alerts\{reason="no_data",rule_group="[^"]+;g"\} 1\n/,
    );
    workplace.write("behaviours.yml", behaviours);
    server.running.kill("SIGKILL");
    await server.running.ended;
  }
  await using server = await serve("narthex", workplace, "data", settings);
  const restored = await until(server, "the alert is held after the restart", "no_data");
  expect(Math.floor(Date.parse(restored.activeAt) / 1000)).toBe(Math.floor(Date.parse(began) / 1000));
  target.page.load = 4;
  await until(server, "the value has not recovered", "recovery");
  target.page.load = 1;
  await eventually("the alert ends", async () => expect(await alertsOf(server)).toEqual([]));
});
