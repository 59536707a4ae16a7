import { existsSync, readFileSync, renameSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { eventually } from "../../support/eventually.ts";
import { lacks } from "../../support/requirements.ts";
import { type Kind, serve } from "../../support/serving.ts";
import { Workplace } from "../../support/workplace.ts";

const RULES = "groups: [{name: g, interval: 1s, rules: [{record: a, expr: sum(up) + vector(1)}]}]\n";
const configOf = (log: string): string =>
  `global: {evaluation_interval: 1s, query_log_file: ${log}}\nrule_files: [rules.yml]\n`;

type Line = Readonly<Record<string, unknown>> & {
  readonly params: { readonly query: string };
  readonly ruleGroup?: unknown;
};

const linesOf = (path: string): Line[] =>
  readFileSync(path, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Line);

/** Returns a line of the query log without the parts that differ between runs. */
const comparable = ({ time, source, traceID: _later, ...line }: Line): unknown => {
  expect([time, source].map((value) => typeof value)).toEqual(["string", "string"]);
  const hidden = (key: string, value: unknown): unknown => {
    if (key === "stats") return Object.keys((value as { timings: object }).timings);
    return typeof value === "string" ? value.replace(/\S+rules\.yml$/, "rules.yml") : value;
  };
  return JSON.parse(JSON.stringify(line, hidden));
};

const QUERIES: readonly (readonly [path: string, fields: Readonly<Record<string, string>>])[] = [
  ["query", { query: "vector(1) < 2", time: "1.5" }],
  ["query", { query: 'label_replace(vector(1), "a", "$1", "b", "(")', time: "-1" }],
  ["query", { query: '"ü\\u2028<&>"', time: "0" }],
  ["query_range", { query: "vector(1)", start: "0", end: "10.5", step: "2.5" }],
  ["query_range", { query: "1 +", start: "0", end: "10", step: "1" }],
  ["query_range", { query: "up[5m]", start: "0", end: "10", step: "1" }],
];

/**
 * Resolves with the lines of a server's query log in three situations: for queries and a rule, after the file was
 * moved, and after a reload without a log file.
 */
async function logged(kind: Kind): Promise<unknown> {
  using workplace = new Workplace();
  workplace.write("rules.yml", RULES);
  const log = workplace.path("query.log");
  const flags = ["--web.enable-lifecycle"];
  await using server = await serve(kind, workplace, "data", { config: configOf("query.log"), flags });
  const { base } = server;
  const sendQuery = async ([path, fields]: (typeof QUERIES)[number], method: string): Promise<void> => {
    const form = new URLSearchParams(fields);
    const url = `${base}/api/v1/${path}`;
    await (await (method === "POST" ? fetch(url, { method, body: form }) : fetch(`${url}?${form.toString()}`))).text();
  };
  const reload = async (file: string): Promise<number> => {
    workplace.write(`data-${kind}.yml`, configOf(file));
    return (await fetch(`${base}/-/reload`, { method: "POST" })).status;
  };
  for (const [i, query] of QUERIES.entries()) {
    // oxlint-disable-next-line no-await-in-loop -- the log has them in this order
    await sendQuery(query, i % 2 === 0 ? "GET" : "POST");
  }
  await eventually("a rule is logged", async () => expect(linesOf(log).some((line) => line.ruleGroup)).toBe(true));
  const ofUsers = linesOf(log).filter((line) => line.ruleGroup === undefined);
  const ofRule = linesOf(log).find((line) => line.ruleGroup)!;
  renameSync(log, `${log}.1`);
  await sendQuery(["query", { query: "moved", time: "0" }], "GET");
  const stillThere = linesOf(`${log}.1`).some(({ params }) => params.query === "moved") && !existsSync(log);
  const reloads = [await reload("query.log")];
  await sendQuery(["query", { query: "anew", time: "0" }], "GET");
  const inNewFile = linesOf(log).some(({ params }) => params.query === "anew");
  reloads.push(await reload("no/such/folder/query.log"));
  await sendQuery(["query", { query: "kept", time: "0" }], "GET");
  const kept = linesOf(log).some(({ params }) => params.query === "kept");
  reloads.push(await reload('""'));
  await sendQuery(["query", { query: "silent", time: "0" }], "GET");
  const silent = linesOf(log).every(({ params }) => params.query !== "silent");
  const metrics = await (await fetch(`${base}/metrics`)).text();
  return {
    ofUsers: ofUsers.map(comparable),
    ofRule: { ...(comparable(ofRule) as object), params: ofRule.params.query },
    after: { stillThere, anew: inNewFile, kept, silent, reloads },
    families: metrics.match(/^# (HELP|TYPE) prometheus_engine_.*$/gm)!.sort(),
    series: metrics.match(/^prometheus_engine_[^ ]+/gm)!.sort(),
    enabled: /^prometheus_engine_query_log_enabled (.*)$/m.exec(metrics)![1],
  };
}

test.skipIf(lacks("peers"))("queries are logged as Prometheus logs them, and counted under its names", async () => {
  const [own, peer] = await Promise.all([logged("narthex"), logged("prometheus")]);
  expect(own).toEqual(peer);
  expect(own).toMatchObject({
    after: { stillThere: true, anew: true, kept: true, silent: true, reloads: [200, 500, 200] },
    enabled: "0",
  });
});

test("a full disk loses lines of the query log, and nothing else", async () => {
  using workplace = new Workplace();
  workplace.write("rules.yml", RULES);
  await using server = await serve("narthex", workplace, "data", { config: configOf("/dev/full"), flags: [] });
  const answer = await fetch(`${server.base}/api/v1/query?query=1&time=0`);
  expect(answer.status).toBe(200);
  await eventually("lost lines are counted", async () => {
    const metrics = await (await fetch(`${server.base}/metrics`)).text();
    expect(Number(/^prometheus_engine_query_log_failures_total (\d+)$/m.exec(metrics)?.[1])).toBeGreaterThan(1);
  });
  expect(server.running.output.match(/writing the query log failed/g)).toHaveLength(1);
});

test.skipIf(lacks("peers"))("values of the engine's metrics change as in Prometheus", async () => {
  const moved = async (kind: Kind): Promise<unknown> => {
    using workplace = new Workplace();
    const target = createServer((_request, response) =>
      response.writeHead(200, { "content-type": "text/plain; version=0.0.4" }).end("m 1\n"),
    );
    await new Promise<void>((resolve) => target.listen(0, "127.0.0.1", resolve));
    try {
      const { port } = target.address() as AddressInfo;
      const config = `scrape_configs: [{job_name: t, scrape_interval: 1s, scrape_timeout: 1s, static_configs: [{targets: ['127.0.0.1:${port}']}]}]\n`;
      await using server = await serve(kind, workplace, "data", { config, flags: [] });
      const read = async (name: string): Promise<number> => {
        const metrics = await (await fetch(`${server.base}/metrics`)).text();
        return Number(
          metrics
            .split("\n")
            .find((line) => line.startsWith(`${name} `))!
            .split(" ")[1],
        );
      };
      const count = (slice: string): string => `prometheus_engine_query_duration_seconds_count{slice="${slice}"}`;
      const names = [
        "prometheus_engine_query_samples_total",
        count("inner_eval"),
        count("prepare_time"),
        count("result_sort"),
      ];
      const query = (text: string): Promise<string> =>
        fetch(`${server.base}/api/v1/query?query=${encodeURIComponent(text)}`).then((answer) => answer.text());
      await eventually("there is a sample", async () => expect(await query("m")).toContain('"value"'));
      const before = await Promise.all(names.map(read));
      expect(before[3]).toBe(0);
      await query("m + m");
      await query("m +");
      await query('label_replace(m, "a", "", "b", "(")');
      const { base } = server;
      await (await fetch(`${base}/api/v1/query_range?query=1&start=0&end=2&step=1`)).text();
      const after = await Promise.all(names.map(read));
      return after.map((value, i) => value - before[i]!);
    } finally {
      target.closeAllConnections();
      target.close();
    }
  };
  expect(await moved("narthex")).toEqual(await moved("prometheus"));
});
