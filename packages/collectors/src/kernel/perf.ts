import { cpus } from "node:os";
import { flagKinds, type Logger } from "@narthex/runtime";
import { type Collector, defineCollector } from "../collector.ts";
import { type FileTree, fileTree } from "../host-files/host-files.ts";
import { unsignedOf } from "../host-files/kernel-number.ts";
import { fieldsOf, linesOf } from "../host-files/kernel-text.ts";
import { counter, type MetricSpec } from "../metric.ts";
import { type Settings, SettingsError } from "../settings.ts";
import {
  type OpenPerfGroup,
  perfCounters,
  PerfError,
  type PerfEvent,
  type PerfGroup,
} from "../system-calls/perf-events.ts";

const CPUS = "collector.perf.cpus";
const TRACEPOINTS = "collector.perf.tracepoint";

/** A CPU or kernel event that is counted by default, or if its flag names it. */
interface Profiler extends PerfEvent {
  readonly flag: string;
  readonly metric: MetricSpec;
}

const perfMetric = (name: string, help: string): MetricSpec => counter(`node_perf_${name}`, help, ["cpu"]);
const profiler = (flag: string, type: number, config: number, name: string, help: string): Profiler => ({
  flag,
  type,
  config,
  metric: perfMetric(`${name}_total`, help),
});

const HARDWARE = 0;
const SOFTWARE = 1;
const TRACEPOINT = 2;
const CACHE = 3;

/**
 * Returns the number of a cache event. The number combines the cache, the direction (reads or writes), and whether all
 * accesses or only misses are counted.
 */
function cache(which: number, isWrite: boolean, isMiss: boolean): number {
  return which + (isWrite ? 0x100 : 0) + (isMiss ? 0x10000 : 0);
}

const L1_DATA = 0;
const L1_INSTRUCTIONS = 1;
const LAST_LEVEL = 2;
const DATA_TLB = 3;
const INSTRUCTION_TLB = 4;
const BRANCH_UNIT = 5;

/** Kinds of profilers. Each kind has a flag that disables it, and a flag that selects some of its profilers. */
const KINDS: readonly { readonly kind: string; readonly profilers: readonly Profiler[] }[] = [
  {
    kind: "hardware",
    profilers: [
      profiler("CpuCycles", HARDWARE, 0, "cpucycles", "Number of CPU cycles (frequency scaled)"),
      profiler("CpuInstr", HARDWARE, 1, "instructions", "Number of CPU instructions"),
      profiler("CacheRef", HARDWARE, 2, "cache_refs", "Number of cache references (non frequency scaled)"),
      profiler("CacheMisses", HARDWARE, 3, "cache_misses", "Number of cache misses"),
      profiler("BranchInstr", HARDWARE, 4, "branch_instructions", "Number of CPU branch instructions"),
      profiler("BranchMisses", HARDWARE, 5, "branch_misses", "Number of CPU branch misses"),
      profiler(
        "StalledCyclesFrontend",
        HARDWARE,
        7,
        "stalled_cycles_frontend",
        "Number of stalled frontend CPU cycles",
      ),
      profiler("StalledCyclesBackend", HARDWARE, 8, "stalled_cycles_backend", "Number of stalled backend CPU cycles"),
      profiler("RefCpuCycles", HARDWARE, 9, "ref_cpucycles", "Number of CPU cycles"),
    ],
  },
  {
    kind: "software",
    profilers: [
      profiler("PageFault", SOFTWARE, 2, "page_faults", "Number of page faults"),
      profiler("ContextSwitch", SOFTWARE, 3, "context_switches", "Number of context switches"),
      profiler("CpuMigration", SOFTWARE, 4, "cpu_migrations", "Number of CPU process migrations"),
      profiler("MinorFault", SOFTWARE, 5, "minor_faults", "Number of minor page faults"),
      profiler("MajorFault", SOFTWARE, 6, "major_faults", "Number of major page faults"),
    ],
  },
  {
    kind: "cache",
    profilers: (
      [
        ["L1DataReadHit", L1_DATA, false, false, "l1d_read_hits", "Number L1 data cache read hits"],
        ["L1DataReadMiss", L1_DATA, false, true, "l1d_read_misses", "Number L1 data cache read misses"],
        ["L1DataWriteHit", L1_DATA, true, false, "l1d_write_hits", "Number L1 data cache write hits"],
        [
          "L1InstrReadMiss",
          L1_INSTRUCTIONS,
          false,
          true,
          "l1_instr_read_misses",
          "Number instruction L1 instruction read misses",
        ],
        ["InstrTLBReadHit", INSTRUCTION_TLB, false, false, "tlb_instr_read_hits", "Number instruction TLB read hits"],
        [
          "InstrTLBReadMiss",
          INSTRUCTION_TLB,
          false,
          true,
          "tlb_instr_read_misses",
          "Number instruction TLB read misses",
        ],
        ["DataTLBReadHit", DATA_TLB, false, false, "tlb_data_read_hits", "Number of data TLB read hits"],
        ["DataTLBReadMiss", DATA_TLB, false, true, "tlb_data_read_misses", "Number of data TLB read misses"],
        ["DataTLBWriteHit", DATA_TLB, true, false, "tlb_data_write_hits", "Number of data TLB write hits"],
        ["DataTLBWriteMiss", DATA_TLB, true, true, "tlb_data_write_misses", "Number of data TLB write misses"],
        ["LLReadHit", LAST_LEVEL, false, false, "ll_read_hits", "Number last level read hits"],
        ["LLReadMiss", LAST_LEVEL, false, true, "ll_read_misses", "Number last level read misses"],
        ["LLWriteHit", LAST_LEVEL, true, false, "ll_write_hits", "Number last level write hits"],
        ["LLWriteMiss", LAST_LEVEL, true, true, "ll_write_misses", "Number last level write misses"],
        ["BPUReadHit", BRANCH_UNIT, false, false, "bpu_read_hits", "Number BPU read hits"],
        ["BPUReadMiss", BRANCH_UNIT, false, true, "bpu_read_misses", "Number BPU read misses"],
      ] as const
    ).map(([flag, which, isWrite, isMiss, name, help]) =>
      profiler(flag, CACHE, cache(which, isWrite, isMiss), `cache_${name}`, help),
    ),
  },
];

const disableFlag = (kind: string): string => `collector.perf.disable-${kind}-profilers`;
const choiceFlag = (kind: string): string => `collector.perf.${kind}-profilers`;

interface RunningCounter {
  readonly cpu: string;
  readonly metrics: readonly MetricSpec[];
  readonly group: PerfGroup;
}

/** Returns the collector with a function that opens the kernel's event counters. */
export function perfCollector(openCounters: () => Promise<OpenPerfGroup>): Collector {
  return defineCollector({
    name: "perf",
    enabled: false,
    flags: {
      [CPUS]: flagKinds.text("", "List of CPUs from which perf metrics should be collected"),
      [TRACEPOINTS]: flagKinds.list([], "perf tracepoint that should be collected"),
      ...Object.fromEntries(
        KINDS.flatMap(({ kind }) => [
          [disableFlag(kind), flagKinds.flag(false, `disable perf ${kind} profilers`)],
          [choiceFlag(kind), flagKinds.list([], `perf ${kind} profilers that should be collected`)],
        ]),
      ),
    },
    metrics: Object.fromEntries(KINDS.flatMap(({ profilers }) => profilers.map(({ flag, metric }) => [flag, metric]))),
    open({ settings, logger }) {
      const chosenCpus = cpusOf(settings.text(CPUS));
      const tracepoints = settings.list(TRACEPOINTS).map(tracepointOf);
      const profilers = KINDS.flatMap(({ kind, profilers: all }) => chosenProfilers(settings, kind, all, logger));
      let running: readonly RunningCounter[] | undefined;
      return async ({ own }, emit) => {
        running ??= startCounters(await openCounters(), chosenCpus, profilers, tracedEvents(own.proc, tracepoints));
        for (const { cpu, metrics, group } of running)
          group.read().forEach((count, i) => emit.dynamic(metrics[i]!, count, cpu));
      };
    },
  });
}

/**
 * Exports CPU, kernel and tracepoint events per CPU from perf_event_open(2), counted from the first scrape on. Omits
 * events that the machine does not support or that this process may not count.
 */
export const perf = perfCollector(perfCounters);

function chosenProfilers(
  settings: Settings,
  kind: string,
  all: readonly Profiler[],
  logger: Logger,
): readonly Profiler[] {
  if (settings.boolean(disableFlag(kind))) return [];
  const names = settings.list(choiceFlag(kind));
  for (const name of names)
    if (!all.some(({ flag }) => flag === name)) logger.error(`Unknown ${kind} profiler: ${name}`);
  const chosen = all.filter(({ flag }) => names.includes(flag));
  return chosen.length === 0 ? all : chosen;
}

function wholeNumber(text: string): number {
  if (/^[+-]?\d+$/.test(text)) return Number(text);
  throw new SettingsError(`--${CPUS}: strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`);
}

/** Parses a list such as `0,2-7:2`, whose last number is the step. An empty list means all CPUs of this machine. */
function cpusOf(list: string): readonly number[] {
  if (list === "") return cpus().map((_, i) => i);
  const chosen: number[] = [];
  for (const part of list.split(",")) {
    if (!part.includes("-")) {
      chosen.push(wholeNumber(part));
      continue;
    }
    const [range = "", step] = part.split(":").length === 2 ? part.split(":") : [part];
    const [first, last, ...more] = range.split("-");
    if (first === undefined || last === undefined || more.length > 0)
      throw new SettingsError(`--${CPUS}: invalid flag value ${JSON.stringify(list)}`);
    const stride = step === undefined ? 1 : wholeNumber(step);
    if (stride < 1) throw new SettingsError(`--${CPUS}: invalid flag value ${JSON.stringify(list)}`);
    for (let cpu = wholeNumber(first); cpu <= wholeNumber(last); cpu += stride) chosen.push(cpu);
  }
  return chosen;
}

/** A tracepoint in the kernel that can be counted. */
interface Tracepoint {
  readonly subsystem: string;
  readonly event: string;
  readonly metric: MetricSpec;
}

function tracepointOf(text: string): Tracepoint {
  const [subsystem, event, ...more] = text.split(":");
  if (subsystem === undefined || event === undefined || more.length > 0)
    throw new SettingsError(`invalid tracepoint config ${text}`);
  return { subsystem, event, metric: perfMetric(`${subsystem}_${event}`, `Perf tracepoint ${text}`) };
}

/** Looks up the numbers of tracepoints in tracefs, at any mount point. */
function tracedEvents(proc: FileTree, tracepoints: readonly Tracepoint[]): readonly (PerfEvent & Tracepoint)[] {
  if (tracepoints.length === 0) return [];
  const mount = linesOf(proc.read("mounts"))
    .map(fieldsOf)
    .find(([, , type]) => type === "tracefs")?.[1];
  if (mount === undefined) throw new Error("Mount for tracefs not mounted");
  const tracefs = fileTree(mount);
  return tracepoints.map((tracepoint) => {
    const { subsystem, event } = tracepoint;
    const path = `events/${subsystem}/${event}/id`;
    return { ...tracepoint, type: TRACEPOINT, config: unsignedOf(tracefs.read(path).trim(), path) };
  });
}

function startCounters(
  open: OpenPerfGroup,
  chosenCpus: readonly number[],
  profilers: readonly Profiler[],
  traced: readonly (PerfEvent & Tracepoint)[],
): RunningCounter[] {
  const running: RunningCounter[] = [];
  try {
    for (const number of chosenCpus) {
      const cpu = String(number);
      if (traced.length > 0)
        running.push({ cpu, metrics: traced.map(({ metric }) => metric), group: open(traced, number) });
      for (const one of profilers) {
        const group = unlessRefused(() => open([one], number));
        if (group !== undefined) running.push({ cpu, metrics: [one.metric], group });
      }
    }
  } catch (error) {
    // Closes all counters after an error. The next scrape opens them again.
    for (const { group } of running) group.close();
    throw error;
  }
  return running;
}

function unlessRefused(open: () => PerfGroup): PerfGroup | undefined {
  try {
    return open();
  } catch (error) {
    if (error instanceof PerfError) return undefined;
    throw error;
  }
}
