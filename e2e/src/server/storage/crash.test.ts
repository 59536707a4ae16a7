import { expect, test } from "vitest";
import { countingTarget } from "../../support/counting-target.ts";
import { eventually } from "../../support/eventually.ts";
import { api, untilQuery } from "../../support/query.ts";
import { narthex, type Running } from "../../support/running.ts";
import { freePort } from "../../support/ports.ts";
import { Workplace } from "../../support/workplace.ts";

interface Matrix {
  readonly result: readonly {
    metric: Readonly<Record<string, string>>;
    values: readonly (readonly [number, string])[];
  }[];
}

test("every sample that was queryable before kill -9 is there after the restart, and the series continue", async () => {
  using workplace = new Workplace();
  await using target = await countingTarget("scrapes_total", 500);
  const port = await freePort();
  const base = `http://127.0.0.1:${port}`;
  workplace.write(
    "prometheus.yml",
    `global: {scrape_interval: 200ms, scrape_timeout: 200ms}\nscrape_configs:\n- job_name: t\n  static_configs: [{targets: ['127.0.0.1:${target.port}']}]\n`,
  );
  const start = (): Running =>
    narthex([
      "server",
      `--config.file=${workplace.path("prometheus.yml")}`,
      `--storage.tsdb.path=${workplace.path("data")}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ]);

  let seen: readonly (readonly [number, string])[];
  {
    await using first = start();
    await first.ready(`${base}/-/ready`);
    await untilQuery(base, "count(wide_metric)", (result) => result[0]?.value[1] === "500");
    await untilQuery(base, "count_over_time(scrapes_total[1m])", (result) => Number(result[0]?.value[1]) >= 10);
    seen = (await api<Matrix>(base, "query", { query: "scrapes_total[1m]" })).result[0]!.values;
    // Kills the server while it scrapes five times a second, so that the kill interrupts some scrapes.
    first.kill("SIGKILL");
    await first.ended;
  }
  await using second = start();
  await second.ready(`${base}/-/ready`);
  const last = seen.at(-1)![0];
  const found = (await api<Matrix>(base, "query", { query: "scrapes_total[5m]", time: String(last) })).result[0]!
    .values;
  const stored = new Map(found.map(([time, value]) => [time, value]));
  for (const [time, value] of seen) expect(stored.get(time)).toBe(value);
  await eventually("the series continues", async () => {
    const now = (await api<Matrix>(base, "query", { query: "scrapes_total[5m]" })).result;
    expect(now).toHaveLength(1);
    expect(now[0]!.values.at(-1)![0]).toBeGreaterThan(last);
  });
});
