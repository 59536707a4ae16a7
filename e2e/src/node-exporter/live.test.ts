import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Exporter, ours, theirProgram, theirs } from "./exporters.ts";
import { familyLines } from "./family-lines.ts";
import { compareHosts, DEBIAN_FLAGS } from "./live-comparison.ts";

const isPeerHere = existsSync(theirProgram);

/** Collectors that node_exporter enables by default, without the systemd collector, which Debian's package enables. */
const DEFAULT = isPeerHere ? collectorsThatAre("enabled").filter((name) => name !== "systemd") : [];
const OPTIONAL = isPeerHere ? [...collectorsThatAre("disabled"), "systemd"] : [];

function collectorsThatAre(state: "enabled" | "disabled"): string[] {
  const help = execFileSync(theirProgram, ["--help"], { encoding: "utf8" }).replaceAll(/\s+/g, " ");
  return [...help.matchAll(/Enable the (\w+) collector \(default: (\w+)\)/g)]
    .filter((match) => match[2] === state)
    .map((match) => match[1]!);
}

const namesIn = (body: string): ReadonlySet<string> =>
  new Set([...body.matchAll(/^node_scrape_collector_success\{collector="(\w+)"\}/gm)].map((match) => match[1]!));

/** Scrapes our exporter, node_exporter and ours again. Values that change between our two scrapes are no difference. */
async function read(here: Exporter, there: Exporter): Promise<readonly [string, string, string]> {
  await Promise.all([here.metrics(), there.metrics()]);
  const before = await here.metrics();
  const real = await there.metrics();
  return [before, real, await here.metrics()];
}

const SYSCTL = "--collector.sysctl.include=kernel.threads-max";
const switches = (prefix: string, names: readonly string[]): string[] => names.map((name) => `--${prefix}.${name}`);

/** Command line flags with which collectors print more or other metrics than by default. */
const RICH = [
  "--no-collector.systemd",
  ...switches("collector", [
    "interrupts",
    "qdisc",
    "cpu.info",
    "cpu.info.flags-include=^(aes|avx.*)$",
    "cpu.info.bugs-include=spectre",
    "netdev.enable-detailed-metrics",
    "netdev.label-ifalias",
    "netdev.address-info",
    "netdev.device-exclude=^veth",
    "netclass.ignore-invalid-speed",
    "netclass.ignored-devices=^veth",
    "stat.softirq",
    "netstat.fields=.*",
    "vmstat.fields=.*",
    "diskstats.device-exclude=^$",
    "filesystem.fs-types-include=.",
    "arp.device-include=.",
    "rapl.enable-zone-label",
  ]),
  ...["cpu.guest", "interrupts.include-zeros"].map((name) => `--no-collector.${name}`),
];

test.skipIf(!isPeerHere).each([
  ["the collectors that are on by default", DEFAULT, []],
  ["every optional collector", OPTIONAL, ["--collector.disable-defaults", SYSCTL, ...switches("collector", OPTIONAL)]],
  [
    "network devices over netlink",
    ["netclass"],
    [
      "--collector.disable-defaults",
      ...switches("collector", ["netclass", "netclass.netlink", "netclass_rtnl.with-stats"]),
    ],
  ],
  ["collectors with flags that add metrics or rename them", [], RICH],
])("%s report the same about this host as the real exporter", async (_which, names, flags) => {
  await using here = await ours(flags);
  const built = namesIn(await here.metrics());
  expect(names.filter((name) => !built.has(name))).toEqual([]);
  await using there = await theirs([...DEBIAN_FLAGS, ...(flags.length > 0 ? flags : ["--no-collector.systemd"])]);
  const [before, real, after] = (await read(here, there)).map((body) => familyLines(body));
  expect(compareHosts(before!, real!, after!)).toEqual([]);
});

const conformance = process.env["NARTHEX_CONFORMANCE"];

/** Returns the names of the metrics that the panels and variables of a Grafana dashboard use. */
function metricsUsedBy(dashboard: string): string[] {
  const queries = dashboard.matchAll(/"(?:expr|query)": "((?:[^"\\]|\\.)*)"/g);
  const names = [...queries].flatMap(([, query]) => query!.match(/\b(?:node|process)_\w+/g) ?? []);
  return [...new Set(names)].toSorted();
}

test.skipIf(!isPeerHere || conformance === undefined)(
  "Node Exporter Full has data for every metric that it uses and the real exporter has on this kernel (NARTHEX_CONFORMANCE)",
  async () => {
    const used = metricsUsedBy(readFileSync(join(conformance!, "dashboards/node-exporter-full.json"), "utf8"));
    expect(used).toHaveLength(229);
    const flags = switches("collector", OPTIONAL);
    await using here = await ours(flags);
    await using there = await theirs([...DEBIAN_FLAGS, ...flags.filter((flag) => flag !== "--collector.systemd")]);
    const [mine, real] = [familyLines(await here.metrics()), familyLines(await there.metrics())];
    const absent = used.filter((name) => !mine.has(name));
    const absentThere = used.filter((name) => !real.has(name));
    expect(absent.filter((name) => !absentThere.includes(name))).toEqual([]);
    expect(used.length - absent.length).toBeGreaterThan(ALWAYS_THERE);
  },
);

/**
 * Number of the dashboard's metrics that exist on every machine. Other metrics depend on hardware, systemd, SELinux or
 * NFS.
 */
const ALWAYS_THERE = 190;
