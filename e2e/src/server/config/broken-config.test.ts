import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { eventually } from "../../support/eventually.ts";
import { instant } from "../../support/query.ts";
import { launcher, narthex } from "../../support/running.ts";
import { freePort } from "../../support/ports.ts";
import { Workplace } from "../../support/workplace.ts";

const GOOD = "global:\n  scrape_interval: 15s\nscrape_configs: []\n";

const BROKEN = [
  { what: "a tab", text: "global:\n\tscrape_interval: 5s\n", line: 2, field: /tab/i },
  { what: "an unknown field", text: "global:\n  scrape_intervall: 5s\n", line: 2, field: /scrape_intervall/ },
  { what: "a wrong type", text: "scrape_configs: yes please\n", line: 1, field: /scrape_configs|ScrapeConfig/ },
  {
    what: "a bad duration",
    text: "global:\n  scrape_interval: 5 minutes\n",
    line: 2,
    field: /scrape_interval.*5 minutes|5 minutes.*scrape_interval/,
  },
  {
    what: "a bad regular expression",
    text: "scrape_configs:\n- job_name: a\n  relabel_configs:\n  - source_labels: [a]\n    regex: '('\n    action: keep\n",
    line: 5,
    field: /regex/,
  },
] as const;

test.each(BROKEN)("the server refuses $what at the start, naming file, line and field", ({ text, line, field }) => {
  using workplace = new Workplace();
  const file = workplace.write("prometheus.yml", text);
  const { status, stderr } = spawnSync(
    launcher,
    [
      "server",
      `--config.file=${file}`,
      `--storage.tsdb.path=${workplace.path("data")}`,
      "--web.listen-address=127.0.0.1:0",
    ],
    { encoding: "utf8" },
  );
  expect(status).not.toBe(0);
  expect(stderr).toContain(`prometheus.yml:${line}`);
  expect(stderr).toMatch(field);
});

test("after a reload of an invalid file the old configuration stays, and answer and metric report the failure", async () => {
  using workplace = new Workplace();
  const port = await freePort();
  const base = `http://127.0.0.1:${port}`;
  const own = `scrape_configs:\n- job_name: self\n  scrape_interval: 200ms\n  scrape_timeout: 200ms\n  static_configs: [{targets: ['127.0.0.1:${port}']}]\n`;
  const file = workplace.write("prometheus.yml", own);
  await using server = narthex([
    "server",
    `--config.file=${file}`,
    `--storage.tsdb.path=${workplace.path("data")}`,
    `--web.listen-address=127.0.0.1:${port}`,
    "--web.enable-lifecycle",
  ]);
  await server.ready(`${base}/-/ready`);
  const reload = (): Promise<Response> => fetch(`${base}/-/reload`, { method: "POST" });
  const successful = async (): Promise<string> =>
    /^prometheus_config_last_reload_successful (\d)$/m.exec(await (await fetch(`${base}/metrics`)).text())![1]!;

  for (const { text, line, field } of BROKEN) {
    workplace.write("prometheus.yml", text);
    const answer = await reload();
    const body = await answer.text();
    expect(answer.status).toBe(500);
    expect(body).toContain(`prometheus.yml:${line}`);
    expect(body).toMatch(field);
    expect(await successful()).toBe("0");
  }
  await eventually("the old job is still read", async () =>
    expect(await instant(base, 'up{job="self"} == 1')).toHaveLength(1),
  );
  workplace.write("prometheus.yml", GOOD);
  server.kill("SIGHUP");
  await eventually("the good file is in force", async () => expect(await successful()).toBe("1"));
});
