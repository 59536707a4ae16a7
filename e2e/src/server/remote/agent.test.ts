import { join } from "node:path";
import { Labels } from "@narthex/model";
import { testCases, testSeed } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { countingTarget } from "../../support/counting-target.ts";
import { Random } from "../../support/random.ts";
import { eventually } from "../../support/eventually.ts";
import { freePort } from "../../support/ports.ts";
import { instant } from "../../support/query.ts";
import { remoteWrite } from "../../support/remote-write.ts";
import { lacks, peers } from "../../support/requirements.ts";
import { launcher, Running } from "../../support/running.ts";
import { Workplace } from "../../support/workplace.ts";
import { Program } from "./program.ts";
import { WriteCalls } from "./write-messages.ts";
import { type Entry, WriteRecorder } from "./write-recorder.ts";

const absent = lacks("peers");
const SEED = testSeed();
const CALLS = testCases(75, 150);
const MINUTE = 60_000;

type Kind = "prometheus" | "narthex";

const QUEUE = "queue_config: {batch_send_deadline: 50ms, max_samples_per_send: 40, max_backoff: 200ms}";

/** Prepares a server in agent mode with a storage folder, without starting it. */
async function agentOn(
  kind: Kind,
  workplace: Workplace,
  folder: string,
  config: string,
  more: readonly string[] = [],
): Promise<Program> {
  const port = await freePort();
  const flags = [
    "--agent",
    `--config.file=${workplace.write(`${folder}-${kind}.yml`, config)}`,
    `--storage.agent.path=${workplace.path(folder)}`,
    `--web.listen-address=127.0.0.1:${port}`,
    "--web.enable-remote-write-receiver",
    "--storage.remote.flush-deadline=1s",
    "--enable-feature=native-histograms",
    ...more,
  ];
  const [command, args] = kind === "narthex" ? [launcher, ["server", ...flags]] : [join(peers, kind), flags];
  return new Program(command, args, port, "/-/ready");
}

const destinations = (url: string, name: string): string => `
remote_write:
- {url: "${url}/${name}/first", send_exemplars: true, send_native_histograms: true, metadata_config: {send: false}, ${QUEUE}}
- {url: "${url}/${name}/second", protobuf_message: io.prometheus.write.v2.Request, send_exemplars: true, send_native_histograms: true, ${QUEUE}}
`;

const answerOf = async (url: string, init?: RequestInit): Promise<unknown> => {
  const response = await fetch(url, { redirect: "manual", ...init });
  const [status, type, text] = [response.status, response.headers.get("content-type"), await response.text()];
  return { status, type, text, location: response.headers.get("location") };
};

/**
 * Reports whether a sent entry is an accepted difference: a histogram with custom buckets in remote write 1.0.
 * Prometheus versions after the compared one do not send such histograms.
 */
const isAccepted = (path: string, { kind, text }: Entry): boolean =>
  kind === "histogram" && path.endsWith("first") && / 4=69 /.test(` ${text} `);

/**
 * Returns the entries that an agent forwarded and whose time is after `after`: the entries of the test's requests.
 * Entries are grouped by series in the order of arrival. Histograms are sorted, because Prometheus logs the histograms
 * with custom buckets of a request last.
 */
function sentTo(recorder: WriteRecorder, path: string, after: number, kinds: readonly Entry["kind"][]): Sent {
  const entries = recorder
    .entries(path)
    .filter((entry) => kinds.includes(entry.kind) && entry.time > after && !isAccepted(path, entry));
  const bySeries = Map.groupBy(entries, ({ kind, series }) => `${kind} {${series}}`);
  return Object.fromEntries([...bySeries].map(([series, of]) => [series, textsOf(of)]));
}

function textsOf(entries: readonly Entry[]): readonly string[] {
  const texts = entries.map(({ text }) => text);
  return entries[0]!.kind === "histogram" ? texts.toSorted() : texts;
}

type Sent = Readonly<Record<string, readonly string[]>>;

const ROUTES = [
  "/",
  "/graph?g0.expr=up",
  "/query",
  "/rules",
  "/tsdb-status",
  "/-/healthy",
  "/-/ready",
  "/federate",
  "/api/v1/query?query=up",
  "/api/v1/query_range?query=up&start=1&end=2&step=1",
  "/api/v1/query_exemplars?query=up&start=1&end=2",
  "/api/v1/format_query?query=up",
  "/api/v1/parse_query?query=up",
  "/api/v1/labels",
  "/api/v1/label/job/values",
  "/api/v1/series",
  "/api/v1/alertmanagers",
  "/api/v1/status/tsdb",
  "/api/v1/alerts",
  "/api/v1/rules",
  "/api/v1/nothing",
  "/api/v1/notifications",
];
const PAGES_OF_USERS = [
  "/consoles/a.html?n=1",
  "/consoles/nothing.html",
  "/consoles/",
  "/consoles",
  "/user/asset.txt",
  "/user/",
  "/user/nothing",
];
const POSTS = [
  "query",
  "labels",
  "series",
  "admin/tsdb/snapshot",
  "admin/tsdb/clean_tombstones",
  "admin/tsdb/delete_series?match[]=up",
  "read",
];

test.skipIf(absent)(`an agent accepts, sends and answers the same as Prometheus' agent (seed ${SEED})`, async () => {
  using workplace = new Workplace();
  await using recorder = await WriteRecorder.open();
  await using target = await countingTarget("counted_total", 20);
  workplace.write("consoles/a.html", "{{ .Path }} {{ .Params.n | humanize }} {{ $externalLabels.zone }}");
  workplace.write("consoles/query.html", '{{ query "up" }}');
  workplace.write("user/asset.txt", "asset");
  const pages = [
    `--web.console.templates=${workplace.path("consoles")}`,
    `--web.user-assets=${workplace.path("user")}`,
  ];
  const config = (name: string): string =>
    `global: {scrape_interval: 1s, external_labels: {zone: z}}
scrape_configs: [{job_name: page, static_configs: [{targets: ["127.0.0.1:${target.port}"]}]}]
${destinations(recorder.url, name)}`;
  await using theirs = await agentOn("prometheus", workplace, "theirs", config("theirs"), pages);
  await using ours = await agentOn("narthex", workplace, "ours", config("ours"), [
    ...pages,
    "--web.enable-otlp-receiver",
  ]);
  await Promise.all([theirs.start(), ours.start()]);
  // The times are in the future, because Prometheus does not send samples that are older than its queue.
  const after = Date.now() + MINUTE;
  const calls = new WriteCalls(new Random(SEED), after + 32 * MINUTE, -Infinity);
  for (let i = 0; i < CALLS; i++) {
    const { about, headers, body } = calls.next();
    const statuses: number[] = [];
    for (const { base } of [theirs, ours]) {
      const init = { method: "POST", headers, body: Uint8Array.from(body) };
      const { status } = await fetch(`${base}/api/v1/write`, init);
      // Status 500 counts as 400, because later Prometheus versions report a self-contradictory histogram as the
      // sender's error.
      statuses.push(status === 500 ? 400 : status);
    }
    expect(statuses[1], `call ${i}: ${about}`).toBe(statuses[0]);
  }
  for (const path of ["first", "second"]) {
    await eventually(
      `all is sent to ${path}`,
      async () => {
        const expected = sentTo(recorder, `/theirs/${path}`, after, ["sample", "histogram"]);
        expect(Object.keys(expected).length).toBeGreaterThan(10);
        expect(sentTo(recorder, `/ours/${path}`, after, ["sample", "histogram"])).toEqual(expected);
        // Prometheus' agent may lose the exemplars of 1.0 messages, because it looks up the series without a reference.
        const exemplars = sentTo(recorder, `/ours/${path}`, after, ["exemplar"]);
        const theirExemplars = Object.entries(sentTo(recorder, `/theirs/${path}`, after, ["exemplar"]));
        expect(theirExemplars.length).toBeGreaterThan(0);
        for (const [series, texts] of theirExemplars)
          expect(exemplars[series]).toEqual(expect.arrayContaining([...texts]));
      },
      15_000,
    );
  }
  // OTLP is tested on our agent only, because the compared build of Prometheus has no OTLP receiver.
  const dataPoints = [{ timeUnixNano: `${after + MINUTE}000000`, asDouble: 7 }];
  const resourceMetrics = [{ scopeMetrics: [{ metrics: [{ name: "of.otlp", gauge: { dataPoints } }] }] }];
  const otlp = { method: "POST", headers: { "content-type": "application/json" } };
  const body = JSON.stringify({ resourceMetrics });
  expect((await fetch(`${ours.base}/api/v1/otlp/v1/metrics`, { ...otlp, body })).status).toBe(200);
  await eventually("what OpenTelemetry sends is sent on", async () => {
    const sent = recorder.entries("/ours/first").filter(({ series }) => series.includes("__name__=of_otlp"));
    expect(sent.map(({ time, text }) => [time, text])).toEqual([
      [after + MINUTE, expect.stringContaining("1=0000000000001c40")],
    ]);
  });
  await eventually("what is scraped is sent", async () => {
    const names = (name: string): string[] => [
      ...new Set(
        recorder
          .entries(`/${name}/first`)
          .map(({ series }) => series)
          .filter((series) => series.includes("job=page")),
      ),
    ];
    const expected = names("theirs").toSorted();
    expect(expected.length).toBeGreaterThan(20);
    expect(names("ours").toSorted()).toEqual(expected);
  });
  for (const { base } of [theirs, ours]) {
    // Expects a different error text: Prometheus reports a null pointer, our agent reports the missing object.
    const { status, text } = (await answerOf(`${base}/consoles/query.html`)) as { status: number; text: string };
    expect(status).toBe(500);
    expect(text).toMatch(/^error executing template __console_\/query.html: .* at <query "up">: error calling query: /);
  }
  for (const route of [...ROUTES, ...PAGES_OF_USERS]) {
    expect([route, await answerOf(ours.base + route)]).toEqual([route, await answerOf(theirs.base + route)]);
  }
  for (const route of POSTS) {
    const url = ({ base }: Program): string => `${base}/api/v1/${route}`;
    const init = { method: "POST" };
    expect([route, await answerOf(url(ours), init)]).toEqual([route, await answerOf(url(theirs), init)]);
    for (const type of ["application/x-www-form-urlencoded", "application/json", "application/x-protobuf"]) {
      // The read route is skipped, because it reads the body before it refuses the request.
      if (route === "read") continue;
      const withBody = { ...init, headers: { "content-type": type }, body: "query=up&match[]=up" };
      const answers = [await answerOf(url(ours), withBody), await answerOf(url(theirs), withBody)];
      expect([route, type, answers[0]]).toEqual([route, type, answers[1]]);
    }
  }
  const dataOf = async ({ base }: Program, route: string): Promise<Readonly<Record<string, unknown>>> => {
    const response = await fetch(`${base}/api/v1/${route}`);
    return ((await response.json()) as { data: Readonly<Record<string, unknown>> }).data;
  };
  expect(await dataOf(ours, "metadata")).toEqual(await dataOf(theirs, "metadata"));
  for (const field of ["storageRetention", "corruptionCount", "reloadConfigSuccess", "CWD"]) {
    const values = [await dataOf(ours, "status/runtimeinfo"), await dataOf(theirs, "status/runtimeinfo")];
    expect([field, values[0]![field]]).toEqual([field, values[1]![field]]);
  }
});

test.skipIf(absent)("flags and sections of the other mode are refused as by Prometheus", async () => {
  using workplace = new Workplace();
  const run = async (kind: Kind, args: readonly string[]): Promise<readonly [number | null, string]> => {
    const [command, first] = kind === "narthex" ? [launcher, ["server"]] : [join(peers, kind), []];
    await using running = new Running(command, [...first, ...args], { cwd: workplace.path(".") });
    const { code } = await running.ended;
    return [code, running.stderr.trim()];
  };
  const flags = [
    ["--agent", "--query.timeout=1m", "--storage.tsdb.path=x", "--web.enable-lifecycle"],
    ["--storage.agent.no-lockfile", "--storage.agent.path=x", "--query.timeout=1m"],
  ];
  for (const args of flags) expect(await run("narthex", args)).toEqual(await run("prometheus", args));
  const empty = `--config.file=${workplace.write("nothing.yml", "")}`;
  for (const [mode, flag] of [
    [["--agent"], "storage.agent.wal-segment-size"],
    [[], "storage.tsdb.wal-segment-size"],
  ] as const) {
    for (const [size, problem] of [
      ["9MB", `flag '${flag}' must be set between 10MB and 256MB`],
      ["10485761B", "invalid segment size"],
    ] as const) {
      for (const kind of ["narthex", "prometheus"] as const) {
        const [code, output] = await run(kind, [
          ...mode,
          empty,
          `--${flag}=${size}`,
          "--web.listen-address=127.0.0.1:0",
        ]);
        expect([kind, code]).toEqual([kind, 1]);
        expect(output).toContain(problem);
      }
    }
  }
  const sections = {
    alerting: "{alertmanagers: [{static_configs: [{targets: [a]}]}]}",
    rule_files: "[a.yml]",
    remote_read: "[{url: http://localhost}]",
  };
  for (const [name, section] of Object.entries(sections)) {
    const args = ["--agent", `--config.file=${workplace.write(`${name}.yml`, `${name}: ${section}\n`)}`];
    for (const kind of ["narthex", "prometheus"] as const) {
      const [code, output] = await run(kind, args);
      expect(code).toBe(2);
      expect(output).toContain(`field ${name} is not allowed in agent mode`);
    }
  }
});

const SERIES = 20;
const samplesAt = (time: number, value: number) =>
  Array.from({ length: SERIES }, (_, i) => ({
    labels: Labels.of({ __name__: "chain", i: String(i) }),
    timestamps: [time],
    values: Float64Array.of(value),
    histograms: [],
  }));

test.skipIf(absent).each([
  ["narthex", "prometheus"],
  ["prometheus", "narthex"],
] as const)("the folder of an agent of %s that was killed is gone on with by %s", async (first, second) => {
  using workplace = new Workplace();
  await using recorder = await WriteRecorder.open();
  const begin = Date.now() + MINUTE;
  await using before = await agentOn(first, workplace, "shared", destinations(recorder.url, "before"));
  await before.start();
  await remoteWrite(before.base, samplesAt(begin, 1));
  await before.end("SIGKILL");
  await using later = await agentOn(second, workplace, "shared", destinations(recorder.url, "later"));
  await later.start();
  // Each program must be able to read the log that the other program has written: the series, and the newest sample of
  // each series.
  await expect(remoteWrite(later.base, samplesAt(begin, 2))).rejects.toThrow(/out of order sample/);
  await remoteWrite(later.base, samplesAt(begin + 1, 3));
  await eventually("what came after is sent", async () => {
    const sent = recorder.entries("/later/first").filter(({ time }) => time === begin + 1);
    expect(sent.map(({ series }) => series).toSorted()).toEqual(
      Array.from({ length: SERIES }, (_, i) => `__name__=chain,i=${i}`).toSorted(),
    );
  });
  await later.end("SIGKILL");
  await using again = await agentOn(first, workplace, "shared", destinations(recorder.url, "again"));
  await again.start();
  await expect(remoteWrite(again.base, samplesAt(begin + 1, 2))).rejects.toThrow(/out of order sample/);
  await remoteWrite(again.base, samplesAt(begin + 2, 4));
});

test(`every sample that an agent accepts arrives in order, whichever program is killed (seed ${SEED})`, async () => {
  using workplace = new Workplace();
  const port = await freePort();
  const rounds = 80;
  await using agent = await agentOn(
    "narthex",
    workplace,
    "agent",
    `remote_write: [{url: "http://127.0.0.1:${port}/api/v1/write", ${QUEUE}}]\n`,
    // With these settings, the agent truncates its write-ahead log many times during the test.
    ["--storage.agent.wal-truncate-frequency=100ms", "--storage.agent.retention.min-time=1ms"],
  );
  await using receiver = new Program(
    launcher,
    [
      "server",
      `--config.file=${workplace.write("empty.yml", "")}`,
      `--storage.tsdb.path=${workplace.path("receiver")}`,
      `--web.listen-address=127.0.0.1:${port}`,
      "--web.enable-remote-write-receiver",
    ],
    port,
    "/-/ready",
  );
  await Promise.all([agent.start(), receiver.start()]);
  const random = new Random(SEED);
  const begin = Date.now() - rounds * 1000;
  const deaths = new Map([
    [5 + random.below(15), agent],
    [30 + random.below(15), receiver],
    [55 + random.below(15), agent],
  ]);
  for (let round = 0; round < rounds; round++) {
    await remoteWrite(agent.base, samplesAt(begin + round * 1000, round));
    const program = deaths.get(round);
    if (program === undefined) continue;
    await program.end("SIGKILL");
    await program.start();
  }
  const expected = Array.from({ length: rounds }, (_, round) => [(begin + round * 1000) / 1000, String(round)]);
  await eventually(
    "all has arrived",
    async () => {
      const series = await instant(receiver.base, "chain[1h]", Math.ceil(Date.now() / 1000));
      expect(series).toHaveLength(SERIES);
      for (const { values } of series as unknown as { values: unknown }[]) expect(values).toEqual(expected);
    },
    20_000,
  );
});
