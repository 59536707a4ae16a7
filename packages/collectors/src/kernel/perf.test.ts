import { ManualClock, memoryLogger } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { openCollection } from "../collection/collection.ts";
import { Settings, SettingsError } from "../settings.ts";
import { type OpenPerfGroup, PerfError, type PerfEvent } from "../system-calls/perf-events.ts";
import { hostTree, seriesFrom } from "../testing/host-tree.ts";
import { perfCollector } from "./perf.ts";

const ENOENT = 2;
const EACCES = 13;

/**
 * Simulates a machine that supports the events for which `knows` returns true. The count of an event is 1000 × CPU +
 * 100 × type + event.
 */
const machine =
  (knows: (event: PerfEvent) => boolean, cpuCount = 2): (() => Promise<OpenPerfGroup>) =>
  () =>
    Promise.resolve((events, cpu) => {
      if (cpu >= cpuCount || !events.every(knows)) throw new PerfError(ENOENT);
      return {
        close: () => {},
        read: () => events.map(({ type, config }) => 1000 * cpu + 100 * type + (config % 100)),
      };
    });

const ONLY_SOFTWARE = {
  "collector.perf.disable-hardware-profilers": true,
  "collector.perf.disable-cache-profilers": true,
};

test("perf counts the events that the machine supports, on the selected CPUs", async () => {
  using host = hostTree();
  const collector = perfCollector(machine(({ type, config }) => type === 1 || (type === 0 && config < 2)));
  expect(await seriesFrom(collector, host, { "collector.perf.cpus": "0-5:5,1" })).toEqual([
    'node_perf_context_switches_total{cpu="0"} 103',
    'node_perf_context_switches_total{cpu="1"} 1103',
    'node_perf_cpu_migrations_total{cpu="0"} 104',
    'node_perf_cpu_migrations_total{cpu="1"} 1104',
    'node_perf_cpucycles_total{cpu="0"} 0',
    'node_perf_cpucycles_total{cpu="1"} 1000',
    'node_perf_instructions_total{cpu="0"} 1',
    'node_perf_instructions_total{cpu="1"} 1001',
    'node_perf_major_faults_total{cpu="0"} 106',
    'node_perf_major_faults_total{cpu="1"} 1106',
    'node_perf_minor_faults_total{cpu="0"} 105',
    'node_perf_minor_faults_total{cpu="1"} 1105',
    'node_perf_page_faults_total{cpu="0"} 102',
    'node_perf_page_faults_total{cpu="1"} 1102',
  ]);
});

test("perf counts all events that the machine supports, or only those that are named", async () => {
  using host = hostTree();
  const all = machine(() => true);
  expect(await seriesFrom(perfCollector(all), host, { "collector.perf.cpus": "0" })).toHaveLength(9 + 5 + 16);
  const named = { ...ONLY_SOFTWARE, "collector.perf.cpus": "0", "collector.perf.software-profilers": ["MajorFault"] };
  expect(await seriesFrom(perfCollector(all), host, named)).toEqual(['node_perf_major_faults_total{cpu="0"} 106']);
});

test("perf shows nothing and succeeds if it may not count", async () => {
  using host = hostTree();
  const forbidden = perfCollector(() =>
    Promise.resolve(() => {
      throw new PerfError(EACCES);
    }),
  );
  expect(await seriesFrom(forbidden, host)).toEqual([]);
});

test("perf finds tracepoints in tracefs, and fails if that is not mounted", async () => {
  using host = hostTree({ "trace/events/sched/sched_switch/id": "42\n", "trace/events/irq/irq_entry/id": "43\n" });
  const collector = perfCollector(machine(({ type }) => type === 2));
  const flags = { "collector.perf.tracepoint": ["sched:sched_switch", "irq:irq_entry"], "collector.perf.cpus": "1" };
  expect(await seriesFrom(collector, host, flags)).toEqual(['node_scrape_collector_success{collector="perf"} 0']);
  host.write("proc/mounts", `proc /proc proc rw 0 0\ntracefs ${host.folder}/trace tracefs rw 0 0\n`);
  expect(await seriesFrom(collector, host, flags)).toEqual([
    'node_perf_irq_irq_entry{cpu="1"} 1243',
    'node_perf_sched_sched_switch{cpu="1"} 1242',
  ]);
});

test("perf closes all counters if a tracepoint cannot be counted on a later CPU", async () => {
  using host = hostTree({ "trace/events/sched/sched_switch/id": "42\n" });
  host.write("proc/mounts", `tracefs ${host.folder}/trace tracefs rw 0 0\n`);
  const open = await machine(() => true, 1)();
  let opened = 0;
  const collector = perfCollector(async () => (events, cpu) => {
    const group = open(events, cpu);
    opened++;
    return { ...group, close: () => void opened-- };
  });
  const flags = { "collector.perf.tracepoint": ["sched:sched_switch"], "collector.perf.cpus": "0-1" };
  expect(await seriesFrom(collector, host, flags)).toEqual(['node_scrape_collector_success{collector="perf"} 0']);
  expect(opened).toBe(0);
});

test("perf refuses flags that it cannot read, and names profilers that it does not know", () => {
  const logger = memoryLogger();
  const collector = perfCollector(machine(() => true));
  const open = (flags: Readonly<Record<string, unknown>>): unknown => {
    const settings = Settings.of(collector.flags, flags);
    return openCollection([collector], {
      files: hostTree(),
      settings,
      clock: new ManualClock(),
      logger,
      timeLimitMs: 1000,
    });
  };
  for (const cpus of ["x", "1-2-3", "0-3:0", "1:5"])
    expect(() => open({ "collector.perf.cpus": cpus })).toThrow(SettingsError);
  expect(() => open({ "collector.perf.tracepoint": ["sched"] })).toThrow("invalid tracepoint config sched");
  open({ "collector.perf.hardware-profilers": ["Nope"] });
  expect(logger.lines.map(({ message }) => message)).toEqual(["Unknown hardware profiler: Nope"]);
});
