import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { temporaryFolder, testHost } from "@narthex/runtime/testing";
import { runPromtool } from "./main.ts";

const folder = temporaryFolder();

const FILES: Readonly<Record<string, string>> = {
  "good.yml": "groups: [{name: g, rules: [{record: a, expr: up}, {alert: B, expr: up}]}]",
  "limits.yml": "groups: [{name: g, rules: [{record: a, expr: 'limitk(1, up)'}]}]",
  "bad.yml": 'groups:\n- name: g\n  rules: [{record: a, expr: "up{"}]\n',
  "twice.yml":
    "groups: [{name: g, rules: [{record: a, expr: up, labels: {x: y}}, {record: a, expr: down, labels: {x: y}}]}]",
  "plain.yml": "rule_files: [good.yml]\nscrape_configs: [{job_name: slow, scrape_interval: 10m}]",
  "missing-rules.yml": "rule_files: [nowhere.yml]",
  "unknown.yml": "global: {}\nglobl: {}\n",
  "secret.yml": "scrape_configs: [{job_name: a, authorization: {credentials_file: nowhere}}]",
  "target.yml": "scrape_configs: [{job_name: a, static_configs: [{targets: ['']}]}]",
  "key.yml": "scrape_configs: [{job_name: a, tls_config: {cert_file: c, key_file: k}}]",
  "docker.yml":
    "scrape_configs: [{job_name: a, docker_sd_configs: [{host: 'unix:///s', tls_config: {cert_file: c, key_file: k}}]}]",
  "kubernetes.yml":
    "scrape_configs: [{job_name: a, kubernetes_sd_configs: [{role: pod, api_server: 'https://k', tls_config: {cert_file: c, key_file: k}}]}]",
  "broken.yml": "[{target: [a]}]",
  "bad-groups.yml": "scrape_configs: [{job_name: a, file_sd_configs: [{files: [broken.yml]}]}]",
  "more.yml": "scrape_config_files: [more/*.yml]",
  "more/a.yml": "scrape_configs:\n- {job_name: b, static_configs: [{targets: [x, '']}]}",
  "manager.yml":
    "alerting: {alertmanagers: [{static_configs: [{targets: [a]}], relabel_configs: [{target_label: __address__, replacement: a/b}]}]}",
  "unbuilt.yml": "tracing: {endpoint: 'a:1'}",
  "http.yml": "follow_redirects: true",
  "unit.yml": "rule_files: [good.yml]\ntests: []",
  "groups.json": '[{"targets": ["a:1"]}]',
  "files.yml": "scrape_configs: [{job_name: a, file_sd_configs: [{files: [groups.json, none.json]}]}]",
};

beforeAll(() => {
  mkdirSync(join(folder, "more"));
  for (const [name, text] of Object.entries(FILES)) writeFileSync(join(folder, name), text);
});

/** Runs promtool in the test's folder. Resolves with exit status, standard output and standard error. */
async function promtool(command: string, stdin = ""): Promise<[number, string, string]> {
  const host = testHost(command.split(" "), { cwd: folder });
  const status = await runPromtool(host, { stdin: async () => new TextEncoder().encode(stdin) });
  return [status, host.output.stdout, host.output.stderr];
}

test("check config reports the file and its rule files", async () => {
  expect(await promtool("check config plain.yml")).toEqual([
    0,
    "Checking plain.yml\n  SUCCESS: 1 rule files found\n SUCCESS: plain.yml is valid prometheus config file syntax\n\n" +
      "Checking good.yml\n  SUCCESS: 2 rules found\n\n",
    "",
  ]);
});

test("check config reports a problem with its place and what to do", async () => {
  expect(await promtool("check config unknown.yml")).toEqual([
    1,
    "Checking unknown.yml\n\n",
    "  FAILED: parsing YAML file unknown.yml: unknown.yml:2:1: field globl not found in type config.plain; did you mean global?\n",
  ]);
});

test.each([
  ["missing-rules.yml", 'missing-rules.yml: rule_files: "nowhere.yml" does not point to an existing file'],
  [
    "secret.yml",
    'secret.yml:1:18: error checking authorization credentials or bearer token file "nowhere": stat nowhere: no such file or directory',
  ],
  ["key.yml", 'key.yml:1:18: error checking client cert file "c": stat c: no such file or directory'],
  ["kubernetes.yml", 'kubernetes.yml:1:56: error checking client cert file "c": stat c: no such file or directory'],
  [
    "bad-groups.yml",
    'bad-groups.yml:1:50: checking SD file "broken.yml": broken.yml:1: field target not found in type ' +
      'struct { Targets []string "yaml:\\"targets\\""; Labels model.LabelSet "yaml:\\"labels\\"" }',
  ],
  ["more.yml", 'more/a.yml:2:34: instance 1 in group 0: no address (scrape job "b"); give each target as host:port'],
])("check config follows what %s refers to", async (file, sentence) => {
  expect(await promtool(`check config ${file}`)).toEqual([1, `Checking ${file}\n\n`, `  FAILED: ${sentence}\n`]);
  expect((await promtool(`check config --syntax-only ${file}`))[0]).toBe(0);
});

test("check config ignores certificates of other discovery, as promtool does", async () => {
  expect((await promtool("check config docker.yml"))[0]).toBe(0);
});

test.each([
  ["target.yml", 'target.yml:1:49: instance 0 in group 0: no address (scrape job "a"); give each target as host:port'],
  ["manager.yml", 'manager.yml:1:46: "a/b" is not a valid hostname; leave scheme and path to the keys of these names'],
])("check config looks at the targets of %s, also with --syntax-only", async (file, sentence) => {
  for (const flag of ["", "--syntax-only "]) {
    expect(await promtool(`check config ${flag}${file}`)).toEqual([
      1,
      `Checking ${file}\n\n`,
      `  FAILED: ${sentence}\n`,
    ]);
  }
});

test("check config reports a file that is not text, also with --syntax-only", async () => {
  writeFileSync(join(folder, "latin.yml"), Buffer.from("global: {} # \xe9\n", "latin1"));
  for (const flag of ["", "--syntax-only "]) {
    const [status, , why] = await promtool(`check config ${flag}latin.yml`);
    expect([status, why]).toEqual([
      1,
      expect.stringContaining("latin.yml:1:1: yaml: invalid UTF-8; save the file as UTF-8"),
    ]);
    expect((await promtool(`check config ${flag}more`))[0]).toBe(1);
  }
});

test("check config reports a section that is accepted without an effect", async () => {
  expect(await promtool("check config unbuilt.yml")).toEqual([
    0,
    "Checking unbuilt.yml\n" +
      "  WARNING: tracing is accepted, but not in this build: it has no effect\n" +
      " SUCCESS: unbuilt.yml is valid prometheus config file syntax\n\n",
    "",
  ]);
});

test("check config warns about a missing file of file discovery", async () => {
  const [status, out] = await promtool("check config files.yml");
  expect(status).toBe(0);
  expect(out).toContain('  WARNING: file "none.json" for file_sd in scrape job "a" does not exist\n');
});

test("check config exits with 3 for lint problems only if they are fatal", async () => {
  const [status, , err] = await promtool("check config --lint=all plain.yml");
  expect(status).toBe(0);
  expect(err).toBe(
    "  FAILED: too long scrape interval found, data point will be marked as stale - job: slow, interval: 10m\n",
  );
  expect((await promtool("check config --lint=all --lint-fatal plain.yml"))[0]).toBe(3);
});

test("check rules reads files and standard input", async () => {
  expect(await promtool("check rules good.yml bad.yml")).toEqual([
    1,
    "Checking good.yml\n  SUCCESS: 2 rules found\n\nChecking bad.yml\n",
    '  FAILED:\nbad.yml: 3:29: group "g", rule 1, "a": could not parse expression: 1:4: parse error: unexpected end of input inside braces\n',
  ]);
  expect(await promtool("check rules", FILES["good.yml"])).toEqual([
    0,
    "Checking standard input\n  SUCCESS: 2 rules found\n\n",
    "",
  ]);
});

test("--enable-feature enables experimental expressions", async () => {
  const [status, , why] = await promtool("check rules limits.yml");
  expect([status, why]).toEqual([1, expect.stringContaining("limitk() is experimental and must be enabled")]);
  const flag = "--enable-feature=promql-experimental-functions,promql-binop-fill-modifiers";
  expect((await promtool(`${flag} check rules limits.yml`))[0]).toBe(0);
  expect((await promtool("--experimental promql format a<fill(0)b"))[0]).toBe(1);
  expect(await promtool(`${flag} --experimental promql format a<fill(0)b`)).toEqual([0, "a < fill (0) b\n", ""]);
});

test("check rules finds duplicates", async () => {
  expect(await promtool("check rules twice.yml")).toEqual([
    0,
    "Checking twice.yml\n\n",
    "  FAILED:\nlint error 1 duplicate rule(s) found.\nMetric: a\nLabel(s):\n\tx: y\nMight cause inconsistency while recording expressions\n",
  ]);
  expect((await promtool("check rules --lint-fatal twice.yml"))[0]).toBe(3);
  expect((await promtool("check rules --lint=none twice.yml"))[0]).toBe(0);
});

test("check rules --ignore-unknown-fields ignores unknown keys", async () => {
  const extended = "groups: [{name: g, owner: me, rules: [{record: a, expr: up, team: x}]}]";
  expect((await promtool("check rules", extended))[0]).toBe(1);
  expect((await promtool("check rules --ignore-unknown-fields", extended))[0]).toBe(0);
});

test("check metrics lints an exposition", async () => {
  const exposition =
    '# TYPE a_total gauge\na_total 1\n# HELP b_ms x\n# TYPE b_ms counter\nb_ms{fooBar="x"} 1\n# HELP c_minutes x\n# TYPE c_minutes gauge\nc_minutes{le="1"} 1\n';
  expect(await promtool("check metrics", exposition)).toEqual([
    3,
    "",
    "a_total no help text\n" +
      'a_total non-counter metrics should not have "_total" suffix\n' +
      'b_ms counter metrics should have "_total" suffix\n' +
      "b_ms label names should be written in 'snake_case' not 'camelCase'\n" +
      "b_ms metric names should not contain abbreviated units\n" +
      'c_minutes non-histogram metrics should not have "le" label\n' +
      'c_minutes use base unit "seconds" instead of "minutes"\n',
  ]);
  expect((await promtool("check metrics", "a{ 1\n"))[2]).toMatch(
    /^error while linting: text format parsing error in line 1: /,
  );
  expect(await promtool("check metrics --extended", "# HELP a x\n# TYPE a gauge\na 1\n")).toEqual([
    0,
    "Metric    Cardinality    Percentage    \na         1              100.00%       \nTotal     1              100%          \n",
    "",
  ]);
});

test("check metrics --extended prints the table also if it finds problems", async () => {
  const [status, table, problems] = await promtool("check metrics --extended", "a 1\n");
  expect([status, table, problems]).toEqual([3, expect.stringMatching(/^Metric .*\na /), "a no help text\n"]);
});

test.each([
  ["query -o json instant URL up", '[{"metric'],
  ["query -o json range URL up", '[{"metric'],
  ["query --http.config.file http.yml --format promql instant URL up", "up => "],
  ["check --query.lookback-delta 10m config plain.yml", "Checking plain.yml"],
  ["test --junit out.xml rules unit.yml", "SUCCESS"],
])("flags of a group may be before the command: promtool %s", async (command, text) => {
  const server = createServer((request, response) => {
    const value = request.url!.includes("range") ? { values: [[1, "2"]] } : { value: [1, "2"] };
    const resultType = request.url!.includes("range") ? "matrix" : "vector";
    response.end(
      JSON.stringify({ status: "success", data: { resultType, result: [{ metric: { __name__: "up" }, ...value }] } }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const [status, out] = await promtool(
    command.replace("URL", `http://127.0.0.1:${(server.address() as AddressInfo).port}`),
  );
  server.close();
  expect([status, out]).toEqual([0, expect.stringContaining(text)]);
  if (text.startsWith("[")) expect(out).toMatch(/\]\n$/);
});

test.each([
  ["check config", "required argument 'config-files' not provided"],
  ["check config --nope x", "unknown long flag '--nope'"],
  ["check rules nowhere.yml", "path 'nowhere.yml' does not exist"],
  ["nope", 'expected command but got "nope"'],
  ["check", "must select a subcommand of 'check'"],
])("promtool %s is refused in promtool's words", async (command, sentence) => {
  const [status, , err] = await promtool(command);
  expect(status).toBe(1);
  expect(err).toContain(`promtool: error: ${sentence}, try --help\n`);
});

test("promql format needs --experimental", async () => {
  expect((await promtool("promql format sum(up)"))[0]).toBe(1);
  expect(await promtool("--experimental promql format sum(up)")).toEqual([0, "sum(up)\n", ""]);
});

test.each([
  ['set up{job="x"}+sum(rate(foo[5m])) a b', 0, 'up{a="b",job="x"} + sum(rate(foo{a="b"}[5m]))\n'],
  ['set -t != up{job="x"} job y', 0, 'up{job!="y"}\n'],
  ["set -t =~ up a (", 0, 'up{a=~"("}\n'],
  ['set {__name__="up"} __name__ down', 0, '{__name__="down"}\n'],
  ["set up __name__ down", 0, 'up{__name__="down"}\n'],
  ['delete up{job="x",a=~"b"} job', 0, 'up{a=~"b"}\n'],
  ["set -t ~ up a b", 1, "enum value must be one of =,!=,=~,!~, got '~', try --help\n"],
  ["set up( a b", 1, "1:4: parse error: unclosed left parenthesis\n"],
  ["delete up a b", 1, "unexpected b, try --help\n"],
])("promql label-matchers %s has the status and output of promtool", async (args, wanted, text) => {
  const [status, out, err] = await promtool(`--experimental promql label-matchers ${args}`);
  expect([status, out + err]).toEqual([
    wanted,
    expect.stringMatching(new RegExp(`^(promtool: error: )?${RegExp.escape(text)}$`)),
  ]);
});

test("query asks a server and prints its answer", async () => {
  const asked: string[] = [];
  const answers: Readonly<Record<string, unknown>> = {
    "/api/v1/query": {
      resultType: "vector",
      result: [{ metric: { __name__: "up", job: "x" }, value: [1700000000.5, "1"] }],
    },
    "/api/v1/query_range": {
      resultType: "matrix",
      result: [
        {
          metric: { __name__: "up" },
          values: [
            [1, "2"],
            [2, "3"],
          ],
        },
      ],
    },
    "/api/v1/series": [{ __name__: "up", job: "x" }],
    "/api/v1/label/job/values": ["x", "y"],
  };
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      const path = request.url!.split("?")[0]!;
      asked.push(`${request.method!} ${path} ${body}`);
      const good = { status: "success", data: answers[path] };
      const bad = { status: "error", errorType: "bad_data", error: "no" };
      response.end(JSON.stringify(body.includes("query=bad") ? bad : good));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  expect(await promtool(`query instant ${url} up --time=5`)).toEqual([0, 'up{job="x"} => 1 @[1700000000.5]\n', ""]);
  expect(asked[0]).toBe("POST /api/v1/query query=up&time=5");
  expect((await promtool(`query range ${url} up --start=0 --end=500`))[1]).toBe("up =>\n2 @[1]\n3 @[2]\n");
  expect(asked[1]).toContain("step=2");
  expect((await promtool(`query series ${url} --match=up`))[1]).toBe('{__name__="up", job="x"}\n');
  expect((await promtool(`query labels ${url} job`))[1]).toBe("x\ny\n");
  expect((await promtool(`query labels ${url} job -o json`))[1]).toBe('["x","y"]\n');
  expect(await promtool(`query instant ${url} bad`)).toEqual([1, "", "query error: bad_data: no\n"]);
  expect((await promtool("query instant http://127.0.0.1:1 up"))[2]).toContain(
    'query error: Post "http://127.0.0.1:1/api/v1/query": ',
  );
  server.close();
});
