import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { untilQuery } from "../support/query.ts";
import { lacks } from "../support/requirements.ts";
import { narthex } from "../support/running.ts";
import { freePort } from "../support/ports.ts";
import { Workplace } from "../support/workplace.ts";

test.skipIf(lacks("curl"))(
  "stories C1 to C3: the gateway's page is shown, a push as in blog posts appears at /metrics and, after a scrape, in the server; a unit file's flags start it",
  async () => {
    using workplace = new Workplace();
    const [port, gateway] = await Promise.all([freePort(), freePort()]);
    const base = `http://127.0.0.1:${port}`;
    // Arguments in the form in which systemd passes them for some unit files: quotes inside arguments, and a single
    // backslash at the end.
    await using pushgateway = narthex([
      "pushgateway",
      `--web.listen-address=":${gateway}"`,
      '--web.telemetry-path="/metrics"',
      "--persistence.interval=5m",
      '--log.level="info"',
      "\\",
    ]);
    await pushgateway.ready(`http://127.0.0.1:${gateway}/-/ready`);
    expect(await (await fetch(`http://127.0.0.1:${gateway}/`)).text()).toContain("<html");
    expect(await (await fetch(`http://127.0.0.1:${gateway}/api/v1/metrics`)).json()).toEqual({
      status: "success",
      data: [],
    });

    execFileSync("sh", [
      "-c",
      `echo "some_metric 3.14" | curl -sS --fail -XPOST --data-binary @- http://127.0.0.1:${gateway}/metrics/job/some_job`,
    ]);
    expect(await (await fetch(`http://127.0.0.1:${gateway}/metrics`)).text()).toContain(
      'some_metric{instance="",job="some_job"} 3.14',
    );

    workplace.write(
      "prometheus.yml",
      `global: {scrape_interval: 1s, scrape_timeout: 1s}\nscrape_configs:\n- job_name: pushgateway\n  honor_labels: true\n  static_configs: [{targets: ['127.0.0.1:${gateway}']}]\n`,
    );
    await using server = narthex([
      "server",
      `--config.file=${workplace.path("prometheus.yml")}`,
      `--storage.tsdb.path=${workplace.path("data")}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ]);
    await server.ready(`${base}/-/ready`);
    const found = await untilQuery(base, "some_metric", (result) => result.length === 1);
    expect(found[0]!.metric).toEqual({ __name__: "some_metric", job: "some_job" });
  },
);

test("an acknowledged push survives kill -9 with --persistence.file", async () => {
  using workplace = new Workplace();
  const port = await freePort();
  const args = [
    "pushgateway",
    `--web.listen-address=127.0.0.1:${port}`,
    `--persistence.file=${workplace.path("groups")}`,
  ];
  const base = `http://127.0.0.1:${port}`;
  {
    await using first = narthex(args);
    await first.ready(`${base}/-/ready`);
    expect((await fetch(`${base}/metrics/job/batch/instance/a`, { method: "PUT", body: "done 1\n" })).status).toBe(200);
    first.kill("SIGKILL");
    await first.ended;
  }
  await using second = narthex(args);
  await second.ready(`${base}/-/ready`);
  expect(await (await fetch(`${base}/metrics`)).text()).toContain('done{instance="a",job="batch"} 1');
});
