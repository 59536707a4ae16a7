import { fnv1a64, xxhash64 } from "@narthex/bytes";
import { parsePrometheusConfig, type ScrapeConfig } from "@narthex/config";
import { Labels } from "@narthex/model";
import { expect, test } from "vitest";
import { type BuiltTargets, buildTargets } from "./target-set.ts";
import { targetHash } from "./target.ts";
import { globalUrl } from "./target-url.ts";

function build(
  more: string,
  labels: Readonly<Record<string, string>>,
  group: Readonly<Record<string, string>> = {},
): BuiltTargets {
  const yaml = `scrape_configs:\n- job_name: a\n${more.replace(/^/gm, "  ")}\n`;
  const parsed = parsePrometheusConfig(yaml, "prometheus.yml", {}, () => undefined);
  if (!parsed.ok) throw new Error(parsed.problems.map((problem) => problem.message).join("; "));
  const job: ScrapeConfig = parsed.value.scrapeConfigs[0]!;
  return buildTargets([{ source: "g", targets: [Labels.of(labels)], labels: Labels.of(group) }], job);
}

test("a target's labels have precedence over its group's, and both over the job's defaults", () => {
  const [target] = build(
    "",
    { __address__: "h:1", job: "own", __meta_x: "y" },
    { job: "group", env: "e", __scheme__: "https" },
  ).targets;
  expect(target!.publicLabels.toString()).toBe('{env="e", instance="h:1", job="own"}');
  expect(target!.url).toBe("https://h:1/metrics");
  expect(target!.discovered.get("__meta_x")).toBe("y");
  expect(target!.labels.get("__meta_x")).toBe("");
  expect(target).toMatchObject({ intervalMs: 60_000, timeoutMs: 10_000, nativeHistograms: false });
});

test("parameters and path are escaped as in Go, and __param_x replaces the first value of x", () => {
  const more =
    "metrics_path: metrics/é?\nparams: {m: ['a{b=\"c\"}', z~], e: ['']}\nrelabel_configs: [{target_label: __param_m, replacement: x y*}]";
  expect(build(more, { __address__: "h:1" }).targets[0]!.url).toBe("http://h:1/metrics/%C3%A9%3F?e=&m=x+y%2A&m=z~");
});

test.each([
  [{ __address__: "h/x" }, '"h/x" is not a valid hostname'],
  [{ job: "x" }, "no address"],
  [{ __address__: "h", __scrape_interval__: "5x" }, 'error parsing scrape interval: unknown unit "x" in duration "5x"'],
  [{ __address__: "h", __scrape_interval__: "0s" }, "scrape interval cannot be 0"],
  [{ __address__: "h", __scrape_timeout__: "0" }, "scrape timeout cannot be 0"],
  [
    { __address__: "h", __scrape_interval__: "5s" },
    'scrape timeout cannot be greater than scrape interval ("10s" > "5s")',
  ],
  [
    { __address__: "h", __scrape_native_histograms__: "x" },
    'error parsing scrape native histograms: strconv.ParseBool: parsing "x": invalid syntax',
  ],
])("labels %j make no target", (labels, message) => {
  expect(
    build("relabel_configs: [{target_label: x, replacement: y}]", labels as unknown as Record<string, string>),
  ).toMatchObject({ targets: [], dropped: [], failures: [`instance 0 in group g: ${message}`] });
});

test("a target that is found twice is built once, and equal targets have equal hashes", () => {
  const one = build("", { __address__: "h:1" });
  const again = build("", { __address__: "h:1" });
  expect(targetHash(one.targets[0]!)).toBe(targetHash(again.targets[0]!));
  expect(targetHash(one.targets[0]!)).not.toBe(targetHash(build("", { __address__: "h:2" }).targets[0]!));
});

test("a target's hash is FNV-1a of 16 or more digits of the XXH64 of its labels, and of its URL, in ASCII or not", () => {
  const hash = (value: string): bigint => {
    const labels = Labels.of({ a: value });
    const [target] = build("", { __address__: "h:1" }).targets;
    const digits = xxhash64(
      Buffer.concat(["a", value].map((text) => Buffer.concat([Buffer.from(text), Buffer.of(255)]))),
    );
    expect(targetHash({ ...target!, labels, url: "u" })).toBe(
      fnv1a64(Buffer.from(`${digits.toString().padStart(16, "0")}u`)),
    );
    return digits;
  };
  expect(hash("b")).not.toBe(hash("ÿ"));
});

test("globalUrl() uses this machine's external name", () => {
  const outside = { externalUrl: new URL("https://prom.example/x"), listenPort: 9090 };
  const seen = (address: string): string => globalUrl(`http://${address}/metrics`, address, outside).url;
  expect(seen("localhost:9090")).toBe("https://prom.example/metrics");
  expect(seen("127.0.0.1:9100")).toBe("http://prom.example:9100/metrics");
  expect(seen("[::1]:9100")).toBe("http://prom.example:9100/metrics");
  expect(seen("localhost")).toBe("http://prom.example/metrics");
  expect(seen("other:9090")).toBe("http://other:9090/metrics");
});

test.each([
  ["::1:80", "too many colons in address"],
  ["[::1", "missing ']' in address"],
  ["[::1]x", "missing port in address"],
  ["a]:80", "unexpected ']' in address"],
  ["a[:80", "unexpected '[' in address"],
])("globalUrl() reports the problem of address %j", (address, problem) => {
  expect(globalUrl("http://x/", address, undefined)).toEqual({
    url: "http://x/",
    problem: `address ${address}: ${problem}`,
  });
});

test.each([
  [
    "of a static group",
    "static_configs: [{targets: [x], labels: {__unix_socket__: /s}}]",
    { __unix_socket__: "/s" },
    "/s",
  ],
  [
    "of a rule",
    "relabel_configs: [{source_labels: [__meta_path], target_label: __unix_socket__}]",
    { __meta_path: "/s" },
    "/s",
  ],
  ["that discovery brings", "", { __unix_socket__: "/var/run/docker.sock" }, ""],
  [
    "that discovery brings beside those of a static group",
    "static_configs: [{targets: [x], labels: {__unix_socket__: /s}}]",
    { __unix_socket__: "/var/run/docker.sock" },
    "",
  ],
  [
    "that discovery brings beside a rule",
    "relabel_configs: [{source_labels: [__meta_path], target_label: __unix_socket__, regex: '(.+)'}]",
    { __unix_socket__: "/var/run/docker.sock" },
    "",
  ],
  [
    "that labelmap makes",
    "relabel_configs: [{action: labelmap, regex: '__meta_container_label_(.+)'}]",
    { __meta_container_label___unix_socket__: "/var/run/docker.sock" },
    "",
  ],
])("a unix socket %s is used if the configuration names it", (_where, more, labels, expected) => {
  const [target] = build(more, { __address__: "h:1", ...(labels as Record<string, string>) }).targets;
  expect(target!.labels.get("__unix_socket__")).toBe(expected);
});
