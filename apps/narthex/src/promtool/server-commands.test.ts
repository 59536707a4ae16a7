import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { ManualClock, temporaryFolder, testHost } from "@narthex/runtime/testing";
import { extract } from "tar-stream";
import { beforeEach, expect, test } from "vitest";
import { uncompressed, writeArchive } from "./debug/debug-archive.ts";
import { runPromtool } from "./main.ts";
import { type Pairs, pairsFlag } from "./pairs-flag.ts";
import { openServer } from "./server-client.ts";

const folder = temporaryFolder();

/** Runs promtool in the test's folder. Resolves with exit status, standard output and standard error. */
async function promtool(args: readonly string[], stdin = ""): Promise<[number, string, string]> {
  const host = testHost(args, { cwd: folder });
  const status = await runPromtool(host, { stdin: async () => new TextEncoder().encode(stdin) });
  return [status, host.output.stdout, host.output.stderr];
}

/** Runs a promtool command against a server. Each `URL` in the arguments is replaced by the server's URL. */
async function withServer(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
  args: readonly string[],
  stdin?: string,
): Promise<[number, string, string]> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    const [status, out, err] = await promtool(
      args.map((arg) => arg.replace("URL", url)),
      stdin,
    );
    return [status, out.replaceAll(url, "URL"), err.replaceAll(url, "URL")];
  } finally {
    server.close();
  }
}

test("check service-discovery prints the targets of a job before and after relabeling", async () => {
  writeFileSync(
    join(folder, "sd.yml"),
    `scrape_configs:
- job_name: a
  static_configs:
  - {targets: ['h:1', 'h:1', 'x/y'], labels: {team: <a>}}
  - {targets: ['gone:1'], labels: {__meta_z: '1'}}
  relabel_configs: [{source_labels: [__meta_z], regex: '1', action: drop}]
- job_name: b
`,
  );
  const [status, out, err] = await promtool(["check", "service-discovery", "sd.yml", "a"]);
  expect([status, err]).toEqual([0, 'target x/y: "x/y" is not a valid hostname\n']);
  expect(out).toMatch(/^\[\n {2}\{\n {4}"discoveredLabels": \{\n {6}"__address__": "h:1",\n[^]*\n\]$/);
  expect(out).toContain('"team": "\\u003ca\\u003e"');
  const reports = JSON.parse(out) as { discoveredLabels: Record<string, string>; labels: Record<string, string> }[];
  expect(reports.map(({ discoveredLabels, ...rest }) => [discoveredLabels["__address__"], rest])).toEqual([
    ["h:1", { labels: expect.objectContaining({ __address__: "h:1", instance: "h:1", job: "a", team: "<a>" }) }],
    ["x/y", { labels: {}, error: {} }],
    ["gone:1", { labels: {} }],
  ]);
});

test("check service-discovery names the jobs if it does not know one, and a broken file", async () => {
  writeFileSync(join(folder, "jobs.yml"), "scrape_configs: [{job_name: a}, {job_name: b}]");
  writeFileSync(join(folder, "broken.yml"), "scrape: 1");
  expect(await promtool(["check", "service-discovery", "jobs.yml", "c"])).toEqual([
    1,
    "",
    "Job c not found. Select one of:\n\ta\n\tb\n",
  ]);
  const [status, , err] = await promtool(["check", "service-discovery", "broken.yml", "c"]);
  expect([status, err]).toEqual([1, expect.stringMatching(/^Cannot load config parsing YAML file broken.yml: /)]);
});

const missingCa = "tls_config: {ca_file: /none.pem}";
const noCa = "unable to read CA cert: unable to read file /none.pem: open /none.pem: no such file or directory";

test.each([
  ["docker_sd_configs: [{host: x}]", "Could not create new discoverer unable to parse docker host `x`"],
  [
    "dockerswarm_sd_configs: [{host: x, role: nodes}]",
    "Could not create new discoverer unable to parse docker host `x`",
  ],
  [`http_sd_configs: [{url: 'https://h/', ${missingCa}}]`, `Could not create new discoverer ${noCa}\n`],
  [`consul_sd_configs: [{server: 'h:1', ${missingCa}}]`, `Could not create new discoverer ${noCa}\n`],
  [
    `kubernetes_sd_configs: [{role: pod, api_server: 'https://h', ${missingCa}}]`,
    `Could not create new discoverer ${noCa}\n`,
  ],
  [
    "kubernetes_sd_configs: [{role: pod, kubeconfig_file: /none}]",
    "Could not create new discoverer ENOENT: no such file or directory, open '/none'",
  ],
])("check service-discovery fails if the discovery %s cannot start, and says why", async (section, problem) => {
  writeFileSync(join(folder, "refused.yml"), `scrape_configs: [{job_name: a, ${section}}]`);
  const [status, out, err] = await promtool(["check", "service-discovery", "refused.yml", "a"]);
  expect([status, out]).toEqual([1, ""]);
  expect(err.startsWith(problem), err).toBe(true);
});

test("check service-discovery waits for its timeout if targets can still be discovered", async () => {
  writeFileSync(
    join(folder, "files.yml"),
    "scrape_configs: [{job_name: a, static_configs: [{targets: ['s:1']}], file_sd_configs: [{files: [none.json]}]}]",
  );
  const clock = new ManualClock();
  const host = testHost(["check", "service-discovery", "files.yml", "a", "--timeout=7s"], { cwd: folder, clock });
  let status: number | undefined;
  const ended = runPromtool(host).then((result) => (status = result));
  while (clock.pending === 0) await new Promise(setImmediate);
  await clock.advance(6_900);
  expect([status, host.output.stdout]).toEqual([undefined, ""]);
  await clock.advance(100);
  expect(await ended).toBe(0);
  expect(host.output.stdout).toContain('"__address__": "s:1"');
});

const bucket = (le: string, values: readonly number[], labels: object = {}): object => ({
  metric: { __name__: "h_bucket", le, ...labels },
  values: values.map((value, i) => [i, String(value)]),
});
const native = (...bounds: readonly (readonly string[])[]): object => ({
  metric: { __name__: "n", job: "a" },
  histograms: bounds.map((uppers, i) => [
    i,
    { count: "1", sum: "1", buckets: uppers.map((upper) => [0, "0", upper, "1"]) },
  ]),
});

test("query analyze counts the populated buckets of histograms", async () => {
  const queries: string[] = [];
  const result = [
    bucket("+Inf", [5, 6]),
    bucket("1", [5, 5]),
    bucket("0.5", [2, 2]),
    bucket("1", [1], { job: "too short" }),
    { metric: { __name__: "up" }, values: [[0, "1"]] },
    native(["1"], ["1", "2"], ["2", "3"]),
    native(["1"]),
  ];
  const [status, out, err] = await withServer(
    (request, response) => {
      let body = "";
      request.on("data", (chunk: Buffer) => (body += chunk.toString()));
      request.on("end", () => {
        queries.push(new URLSearchParams(body).get("query")!);
        response.end(JSON.stringify({ status: "success", data: { resultType: "matrix", result } }));
      });
    },
    ["query", "analyze", "--server=URL", "--type=histogram", "--match=x", "--duration=90m"],
  );
  expect([status, err, queries]).toEqual([0, "", ["x[1h30m0s]"]]);
  expect(out.split("\n").filter((line) => line.startsWith("-") && !line.startsWith("--"))).toEqual([
    '- n{job="a"} (native): 1/1.667/2/3',
    "- h_bucket{} (classic): 2/2.500/3",
    "- min populated: 1/1.000/1",
    "- avg populated: 1/1.000/1",
    "- max populated: 2/2.000/2",
    "- total: 3/3.000/3",
    "- min populated: 2/2.000/2",
    "- avg populated: 2/2.000/2",
    "- max populated: 3/3.000/3",
  ]);
});

test.each([
  ["--type=gauge", [], "analyze type is gauge, must be 'histogram'\n"],
  [
    "--type=histogram",
    [bucket("1", [1, 2]), { ...bucket("2", []), values: [[7, "1"]] }],
    "matrix result is not time aligned\n",
  ],
])("query analyze with %s fails if it cannot analyze", async (type, result, problem) => {
  const [status, , err] = await withServer(
    (request, response) => {
      request.resume();
      response.end(JSON.stringify({ status: "success", data: { resultType: "matrix", result } }));
    },
    ["query", "analyze", "--server=URL", type, "--match=x"],
  );
  expect([status, err]).toEqual([1, problem]);
});

/** Returns the files of an archive as texts. */
async function filesOf(archive: string): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  const reader = extract();
  reader.end(gunzipSync(readFileSync(archive)));
  for await (const entry of reader) {
    const parts: Buffer[] = [];
    for await (const part of entry) parts.push(part as Buffer);
    files[entry.header.name] = Buffer.concat(parts).toString();
  }
  return files;
}

test("debug all writes the pages that the server has into an archive, with profiles uncompressed", async () => {
  const [status, out, err] = await withServer(
    ({ url }, response) => {
      if (url === "/metrics") return void response.end("up 1\n");
      if (url === "/debug/pprof/heap") return void response.end(gzipSync("heap"));
      if (url !== "/debug/pprof/profile?seconds=30") return void response.writeHead(404).end();
      response.writeHead(200, { "content-disposition": 'attachment; filename="profile.cpuprofile"' }).end("cpu");
    },
    ["debug", "all", "URL/"],
  );
  expect(status).toBe(0);
  expect(out).toContain("collecting: URL/debug/pprof/profile?seconds=30\n");
  expect(out).toMatch(/Compiling debug information complete, all files written in "debug.tar.gz".\n$/);
  expect(err).toContain("not collected, because the server does not have this page: /debug/pprof/block\n");
  expect(await filesOf(join(folder, "debug.tar.gz"))).toEqual({
    "cpu.cpuprofile": "cpu",
    "heap.pb": "heap",
    "metrics.txt": "up 1\n",
  });
});

test("debug metrics keeps an earlier archive if the server fails", async () => {
  const archive = join(folder, "debug.tar.gz");
  writeFileSync(archive, "earlier");
  const fail = (_: IncomingMessage, response: ServerResponse): void => void response.writeHead(500).end();
  expect(await withServer(fail, ["debug", "metrics", "URL"])).toEqual([
    1,
    "collecting: URL/metrics\n",
    "error completing debug command: URL/metrics answered with status 500\n",
  ]);
  expect([readFileSync(archive, "utf8"), existsSync(`${archive}.tmp`)]).toEqual(["earlier", false]);
});

test("an endless answer is refused, and the message names the URL and the limit", async () => {
  const server = createServer((_, response) => {
    const more = (): void => {
      while (!response.destroyed && response.write("x".repeat(1000)));
    };
    response.on("drain", more);
    more();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await using client = await openServer(testHost([]), url, "", 60_000, 5000);
  await expect(client.getBytes("/metrics")).rejects.toThrow(
    `Get "${url}/metrics": the answer is longer than 5000 bytes`,
  );
  server.close();
});

test.each([
  ["damaged", Uint8Array.of(0x1f, 0x8b, 1), 100, /^the unpacked profile is damaged: /],
  ["too long", gzipSync("x".repeat(1000)), 999, /^the unpacked profile is longer than 999 bytes$/],
])("a profile that is %s is refused", (_, body, maxBytes, problem) => {
  expect(() => uncompressed(body, maxBytes)).toThrow(problem);
});

test("debug names the page of a damaged profile", async () => {
  expect(
    await withServer((_, response) => void response.end(Uint8Array.of(0x1f, 0x8b, 1)), ["debug", "metrics", "URL"]),
  ).toEqual([
    1,
    "collecting: URL/metrics\n",
    expect.stringMatching(/^error completing debug command: URL\/metrics: the unpacked profile is damaged: /),
  ]);
});

test("an archive that cannot be completed leaves no file", async () => {
  const taken = join(folder, "taken");
  mkdirSync(join(taken, "full"), { recursive: true });
  await expect(writeArchive(taken, [{ name: "a", body: Uint8Array.of(1) }])).rejects.toThrow("rename");
  expect(readdirSync(folder).filter((name) => name.startsWith("taken"))).toEqual(["taken"]);
});

const requests: string[] = [];
beforeEach(() => void requests.splice(0));

function receiveWrites({ url, method, headers }: IncomingMessage, response: ServerResponse): void {
  requests.push(
    `${method!} ${url!} ${headers["content-type"]!} ${String(headers["x-own"] ?? "")} ${headers.authorization ?? ""}`,
  );
  if (url!.startsWith("/refuse")) response.writeHead(400).end("out of order\n");
  else response.writeHead(204).end();
}

test("push metrics sends standard input to the write endpoint", async () => {
  const push = async (...args: string[]): ReturnType<typeof promtool> =>
    withServer(receiveWrites, ["push", "metrics", ...args], "a 1\n");
  const done = [0, "Parsing standard input\n  SUCCESS: metrics pushed to remote write.\n", ""];
  expect(await push("URL")).toEqual(done);
  expect(
    await push("URL/api/v1/write", "--header=X-Own:b", "--protobuf_message=io.prometheus.write.v2.Request"),
  ).toEqual(done);
  expect(await push("--remote-write.path=/refuse", "URL")).toEqual([
    1,
    "Parsing standard input\n",
    "  FAILED: server returned HTTP status 400 Bad Request: out of order\n\n",
  ]);
  expect(await push("URL", "--protobuf_message=x")).toEqual([
    1,
    "",
    '  FAILED: invalid protobuf message "x", must be prometheus.WriteRequest or io.prometheus.write.v2.Request\n',
  ]);
  expect(requests).toEqual([
    "POST /api/v1/write application/x-protobuf  ",
    "POST /api/v1/write application/x-protobuf;proto=io.prometheus.write.v2.Request b ",
    "POST /refuse application/x-protobuf  ",
  ]);
});

test.each([
  ["push metrics --label=foo URL", "foo"],
  ["push metrics --header= URL", ""],
  ["query range --header=foo URL up", "foo"],
])("%s: a pair without a value has the error of promtool", async (args, pair) => {
  expect(await promtool(args.split(" "))).toEqual([
    1,
    "",
    `promtool: error: expected KEY=VALUE got '${pair}', try --help\n`,
  ]);
});

test("pairs are split at the first = or :, and the last value of a key counts", () => {
  const flag = pairsFlag({ job: "promtool" }, "");
  const given = ["a=1", "b:c=d", "a=2:3", "=", "e="];
  expect(given.reduce<Pairs | undefined>((pairs, text) => flag.read(text, pairs), undefined)).toEqual({
    a: "2:3",
    b: "c=d",
    "": "",
    e: "",
  });
});

test("an invalid URL is reported without its password", async () => {
  expect(await promtool(["debug", "metrics", "http://user:secret@host:70000"])).toEqual([
    1,
    "",
    "error completing debug command: invalid URL: http://user:xxxxx@host:70000\n",
  ]);
});

test("push metrics sends each file, and fails if one is not valid", async () => {
  writeFileSync(join(folder, "good.prom"), "a 1\n");
  writeFileSync(join(folder, "bad.prom"), "a one\n");
  const [status, out, err] = await withServer(receiveWrites, ["push", "metrics", "URL", "bad.prom", "good.prom"]);
  expect([status, out]).toEqual([
    1,
    "Parsing metrics file bad.prom\nParsing metrics file good.prom\n" +
      "  SUCCESS: metrics file good.prom pushed to remote write.\n",
  ]);
  expect(err).toContain("  FAILED: text format parsing error in line 1");
  expect(requests).toHaveLength(1);
});
