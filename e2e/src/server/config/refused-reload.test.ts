import { rmSync } from "node:fs";
import { expect, test } from "vitest";
import { eventually } from "../../support/eventually.ts";
import { api } from "../../support/query.ts";
import { narthex } from "../../support/running.ts";
import { serve } from "../../support/serving.ts";
import { Workplace } from "../../support/workplace.ts";

/** Parts of a prometheus.yml whose effect the API shows. */
interface Written {
  readonly port: number;
  readonly global?: string;
  readonly job?: string;
  readonly alertmanager?: string;
  readonly storage?: string;
  readonly rules: string;
}

const config = ({ port, global = "", job = "", alertmanager = "", storage = "", rules }: Written): string => `
global: {scrape_interval: 1h, ${global}}
rule_files: [${rules}]
storage: {${storage}}
alerting: {alertmanagers: [{${alertmanager} static_configs: [{targets: ['127.0.0.1:${port}']}]}]}
scrape_configs: [{job_name: a, ${job} static_configs: [{targets: ['127.0.0.1:${port}']}]}]
`;

/** Resolves with the configuration that is in effect, as the API shows it. */
async function seen(base: string): Promise<unknown> {
  const targets = await api<{ activeTargets: readonly { scrapeUrl: string }[] }>(base, "targets");
  const managers = await api<{ activeAlertmanagers: readonly { url: string }[] }>(base, "alertmanagers");
  const rules = await api<{ groups: readonly { name: string; interval: number }[] }>(base, "rules");
  const status = await api<{ yaml: string }>(base, "status/config");
  return {
    targets: targets.activeTargets.map(({ scrapeUrl }) => scrapeUrl),
    managers: managers.activeAlertmanagers.map(({ url }) => url),
    rules: rules.groups.map(({ name, interval }) => `${name} ${interval}`),
    yaml: status.yaml,
  };
}

const BAD_CA = "tls_config: {ca_file: missing.pem},";

/** Configurations that a reload must refuse because of one invalid part, each with the expected message. */
const REFUSALS: readonly [Omit<Written, "port" | "rules"> & { readonly rules?: string }, RegExp][] = [
  [{ storage: "tsdb: {out_of_order_time_window: 30m}" }, /storage: .*wbl/],
  [{ global: "query_log_file: missing/queries.log," }, /query_engine: can't create json log file: .*missing/],
  [{ job: BAD_CA }, /scrape: scrape pool "a": .*missing\.pem/],
  [{ alertmanager: BAD_CA }, /notify: .*missing\.pem/],
  [{ rules: "broken.rules" }, /rules: .*broken\.rules:1:/],
];

test("the server applies a reloaded configuration completely or not at all, whichever part refuses it", async () => {
  using workplace = new Workplace();
  const rules = (name: string): string => `groups: [{name: ${name}, rules: [{record: r, expr: up}]}]\n`;
  workplace.write("one.rules", rules("one"));
  workplace.write("two.rules", rules("two"));
  workplace.write("broken.rules", "groups: [{name: g, rules: [{}]}]\n");
  await using server = await serve("narthex", workplace, "data", {
    config: config({ port: 1, rules: "one.rules" }),
    flags: ["--web.enable-lifecycle"],
  });
  const reload = async (written: Written): Promise<string> => {
    workplace.write("data-narthex.yml", config(written));
    const answer = await fetch(`${server.base}/-/reload`, { method: "POST" });
    return `${answer.status} ${await answer.text()}`;
  };
  const first = await eventually("the first configuration is in force", async () => {
    const found = await seen(server.base);
    expect(found).toMatchObject({ targets: ["http://127.0.0.1:1/metrics"], rules: ["one 60"] });
    return found;
  });
  // A file at the path of the out-of-order log prevents the server from creating a folder there.
  workplace.write("data/wbl", "");
  for (const [written, sentence] of REFUSALS) {
    const answer = await reload({
      rules: "two.rules",
      ...written,
      port: 2,
      global: `evaluation_interval: 7s, ${written.global ?? ""}`,
    });
    expect(answer).toMatch(
      /^500 failed to reload config: one or more errors occurred while applying the new configuration/,
    );
    expect(answer).toMatch(sentence);
    expect(await seen(server.base)).toEqual(first);
    const metrics = await (await fetch(`${server.base}/metrics`)).text();
    expect(metrics).toContain("prometheus_config_last_reload_successful 0\n");
  }
  rmSync(workplace.path("data/wbl"));
  expect(await reload({ port: 2, rules: "two.rules", global: "evaluation_interval: 7s" })).toBe("200 ");
  await eventually("the new configuration is in force", async () => {
    expect(await seen(server.base)).toMatchObject({
      targets: ["http://127.0.0.1:2/metrics"],
      managers: ["http://127.0.0.1:2/api/v2/alerts"],
      rules: ["two 7"],
    });
  });
});

test("if a part refuses the configuration at the start, the server prints the message and exits with status 1, without a stack", async () => {
  using workplace = new Workplace();
  const path = workplace.write("prometheus.yml", "global: {query_log_file: missing/queries.log}\n");
  await using server = narthex([
    "server",
    `--config.file=${path}`,
    `--storage.tsdb.path=${workplace.path("data")}`,
    "--web.listen-address=127.0.0.1:0",
  ]);
  expect((await server.ended).code).toBe(1);
  expect(server.stderr).toMatch(/query_engine: can't create json log file: .*missing/);
  expect(server.stderr).not.toMatch(/^ +at /m);
});
