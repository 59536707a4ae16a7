import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { untilQuery } from "../support/query.ts";
import { lacks, peers } from "../support/requirements.ts";
import { narthex } from "../support/running.ts";
import { freePortOffset } from "../support/ports.ts";
import { Workplace } from "../support/workplace.ts";

/** Returns flags of `init` that fill every part of the generated files. */
function initFlags(workplace: Workplace): readonly string[] {
  return [
    '--job=the "shop": #1=localhost:1,[::1]:2/internal/metrics',
    "--job=intranet=https://intranet.example.org:443",
    "--email-to=team@example.org,boss@example.org",
    "--smtp=mail.example.org:587",
    "--smtp-user=CORP\\alerts",
    `--smtp-password-file=${workplace.write("password", "p w\n")}`,
    `--slack-webhook-file=${workplace.write("webhook", "https://hooks.slack.com/services/T/B/x\n")}`,
    "--slack-channel=#alerts",
  ];
}

test("narthex up runs with the files of narthex init, and an existing folder is not changed", async () => {
  using workplace = new Workplace();
  const offset = await freePortOffset();
  const shop = `--job=gate=localhost:${9091 + offset}`;
  await using init = narthex(["init", shop, `--port-offset=${offset}`], { cwd: workplace.folder });
  expect(await init.ended).toEqual({ code: 0, signal: null });
  await using again = narthex(["init", shop], { cwd: workplace.folder });
  expect(await again.ended).toEqual({ code: 1, signal: null });
  expect(again.stderr).toContain(workplace.path("narthex-config/prometheus.yml"));

  const folders = [`--config-dir=${workplace.path("narthex-config")}`, `--data-dir=${workplace.path("data")}`];
  await using up = narthex(["up", ...folders, `--port-offset=${offset}`]);
  await eventually("all five roles are ready", async () => {
    if (!up.stdout.includes("Ready.")) throw new Error(up.output);
  });
  const scraped = await untilQuery(`http://127.0.0.1:${9090 + offset}`, "up == 1", (result) => result.length === 6);
  expect(scraped.map(({ metric }) => metric["job"]).toSorted()).toEqual([
    "alertmanager",
    "dashboards",
    "gate",
    "node",
    "prometheus",
    "pushgateway",
  ]);
});

test.skipIf(lacks("peers"))("the originals' checkers accept the files of narthex init", async () => {
  using workplace = new Workplace();
  await using init = narthex(["init", workplace.path("out"), ...initFlags(workplace)]);
  expect([await init.ended, init.stderr]).toEqual([{ code: 0, signal: null }, ""]);
  const check = (tool: string, ...args: readonly string[]): string =>
    execFileSync(join(peers, tool), args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  expect(check("promtool", "check", "config", workplace.path("out/prometheus.yml"))).toContain("SUCCESS");
  expect(check("amtool", "check-config", workplace.path("out/alertmanager.yml"))).toContain("SUCCESS");
});
