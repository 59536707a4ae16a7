import { rename, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { decodeYaml } from "@narthex/config";
import { settle, temporaryFolder } from "@narthex/runtime/testing";
import { expect, onTestFinished, test } from "vitest";
import { fileDiscoverer } from "./kinds/file/file.ts";
import { httpDiscoverer } from "./kinds/http/http.ts";
import type { Discoverer } from "./discoverer.ts";
import type { TargetGroup } from "./target-group.ts";
import { DiscovererRun } from "./testing/discoverer-run.ts";

/** Starts a discoverer, and returns a function for its next emission. */
function start(discoverer: Discoverer, yaml: string) {
  const run = new DiscovererRun(discoverer, yaml);
  onTestFinished(() => run[Symbol.asyncDispose]());
  return { clock: run.clock, logger: run.logger, next: async () => (await run.next()).map(show) };
}

const show = (group: TargetGroup): string =>
  `${group.source.replace(/^.*\//, "")} ${group.targets.map((target) => target.get("__address__")).join()} ${group.labels.without("__meta_filepath", "__meta_url").toString()}`;

test("file discovery reads YAML and JSON, follows changes, keeps the targets of unreadable files and drops those of removed ones", async () => {
  const folder = temporaryFolder();
  const put = async (name: string, text: string): Promise<void> => {
    await writeFile(join(folder, `${name}.tmp`), text);
    await rename(join(folder, `${name}.tmp`), join(folder, name));
  };
  await put("a.yml", "- targets: [h:1, h:2]\n  labels: {x: y}\n- targets: [h:3]\n");
  await put("b.json", '[{"targets":["h:4"]}]');
  const { next, logger } = start(fileDiscoverer, `files: ["${folder}/a.yml", "${folder}/*.json"]\n`);
  const until = async (wanted: readonly string[]): Promise<void> => {
    for (;;) if (JSON.stringify(await next()) === JSON.stringify(wanted)) return;
  };
  await until(['a.yml:0 h:1,h:2 {x="y"}', "a.yml:1 h:3 {}", "b.json:0 h:4 {}"]);
  await put("a.yml", "- targets: [h:1]\n");
  await until(["a.yml:0 h:1 {}", "b.json:0 h:4 {}", "a.yml:1  {}"]);
  await put("b.json", '[{"targets":["h:4"], "nope": 1}]');
  // The discoverer may read the changed file several times. Until the invalid file is logged, every emission contains
  // the targets from before the change.
  do expect(await next()).toEqual(["a.yml:0 h:1 {}", "b.json:0 h:4 {}"]);
  while (logger.lines.length === 0);
  expect(logger.lines.at(-1)!.fields["err"]).toMatch(/b\.json:1: field nope not found/);
  await rm(join(folder, "b.json"));
  await until(["a.yml:0 h:1 {}", "b.json:0  {}"]);
});

test("discovery with refresh_interval 0 requests again only after a pause", async () => {
  const folder = temporaryFolder();
  await writeFile(join(folder, "a.yml"), "- targets: [h:1]\n");
  let asked = 0;
  const server = createServer((_, response) => {
    asked++;
    response.writeHead(200, { "Content-Type": "application/json" }).end('[{"targets":["h:1"]}]');
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const runs = [
    new DiscovererRun(fileDiscoverer, `files: ["${folder}/a.yml"]\nrefresh_interval: 0s`),
    new DiscovererRun(httpDiscoverer, `url: ${url}\nrefresh_interval: 0s`),
  ];
  for (const run of runs) onTestFinished(() => run[Symbol.asyncDispose]());
  for (const run of runs) {
    await run.next();
    await settle();
    const again = run.next();
    await run.clock.advance(99);
    expect(await Promise.race([again, settle().then(() => "nothing")])).toBe("nothing");
    await run.clock.advance(1);
    await again;
  }
  expect(asked).toBe(2);
});

test.each([
  ["files: []", "file service discovery config must contain at least one path name"],
  ["files: [a.txt]", 'path name "a.txt" is not valid for file discovery'],
])("file discovery refuses %s", (yaml, message) => {
  expect(decodeYaml(yaml, "test.yml", fileDiscoverer.codec)).toMatchObject({ ok: false, problems: [{ message }] });
});

test("HTTP discovery sends its headers, accepts only JSON and reports errors", async () => {
  const seen: (string | string[] | undefined)[] = [];
  let answer: readonly [status: number, type: string, body: string] = [
    200,
    "application/json; charset=utf-8",
    '[{"targets":["h:1"],"labels":{"a":"b"}}]',
  ];
  const server = createServer((request, response) => {
    seen.push(
      request.headers["user-agent"],
      request.headers.accept,
      request.headers["x-prometheus-refresh-interval-seconds"],
    );
    response.writeHead(answer[0], { "content-type": answer[1] }).end(answer[2]);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/sd`;
  const { next, clock, logger } = start(httpDiscoverer, `url: ${url}\nrefresh_interval: 30s`);
  expect(await next()).toEqual(['sd:0 h:1 {a="b"}']);
  expect(seen).toEqual(["Prometheus/x", "application/json", "30"]);
  const failures: [typeof answer, string][] = [
    [[503, "text/plain", ""], "server returned HTTP status 503 Service Unavailable"],
    [[200, "text/html", ""], 'unsupported content type "text/html"'],
    [[200, "application/json", "[null]"], "nil target group item found"],
  ];
  for (const [wrong, message] of failures) {
    answer = wrong;
    const before = logger.lines.length;
    while (logger.lines.length === before) await clock.advance(10_000);
    expect(logger.lines.at(-1)!.fields["err"]).toBe(message);
  }
});

test.each([
  ["refresh_interval: 1m", "URL is missing"],
  ["url: ftp://a", "URL scheme must be 'http' or 'https'"],
  ["url: http:///x", "host is missing in URL"],
])("HTTP discovery refuses %s", (yaml, message) => {
  expect(decodeYaml(yaml, "test.yml", httpDiscoverer.codec)).toMatchObject({ ok: false, problems: [{ message }] });
});
