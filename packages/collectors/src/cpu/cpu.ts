import { flagKinds, type Steps } from "@narthex/runtime";
import { runInTurns } from "../collection/turns.ts";
import { type Collect, defineCollector, type Emitter } from "../collector.ts";
import { compileFlag } from "../device-filter.ts";
import type { FileTree, HostFiles } from "../host-files/host-files.ts";
import { floatOf, integerOf } from "../host-files/kernel-number.ts";
import { fieldsOf, rangeListOf } from "../host-files/kernel-text.ts";
import { counter, gauge } from "../metric.ts";
import { parseCpuInfo } from "./cpu-info.ts";
import type { Settings } from "../settings.ts";

/** Ticks per second in /proc/stat; the value is 100 on every common Linux. */
const TICKS_PER_SECOND = 100;

/** Decrease of an idle counter in seconds from which the number is assumed to belong to another CPU (after hotplug). */
const JUMP_BACK_SECONDS = 3;

const MODES = ["user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal"] as const;
const IDLE = 3;
const GUEST = 8;
const GUEST_NICE = 9;
const FIELD_COUNT = 10;

const metrics = {
  seconds: counter("node_cpu_seconds_total", "Seconds the CPUs spent in each mode.", ["cpu", "mode"]),
  guest: counter("node_cpu_guest_seconds_total", "Seconds the CPUs spent in guests (VMs) for each mode.", [
    "cpu",
    "mode",
  ]),
  info: gauge("node_cpu_info", "CPU information from /proc/cpuinfo.", [
    "package",
    "core",
    "cpu",
    "vendor",
    "family",
    "model",
    "model_name",
    "microcode",
    "stepping",
    "cachesize",
  ]),
  frequency: gauge("node_cpu_frequency_hertz", "CPU frequency in hertz from /proc/cpuinfo.", [
    "package",
    "core",
    "cpu",
  ]),
  flag: gauge(
    "node_cpu_flag_info",
    "The `flags` field of CPU information from /proc/cpuinfo taken from the first core.",
    ["flag"],
  ),
  bug: gauge("node_cpu_bug_info", "The `bugs` field of CPU information from /proc/cpuinfo taken from the first core.", [
    "bug",
  ]),
  coreThrottles: counter("node_cpu_core_throttles_total", "Number of times this CPU core has been throttled.", [
    "package",
    "core",
  ]),
  packageThrottles: counter(
    "node_cpu_package_throttles_total",
    "Number of times this CPU package has been throttled.",
    ["package"],
  ),
  isolated: gauge(
    "node_cpu_isolated",
    "Whether each core is isolated, information from /sys/devices/system/cpu/isolated.",
    ["cpu"],
  ),
  online: gauge("node_cpu_online", "CPUs that are online and being scheduled.", ["cpu"]),
};

type CpuEmitter = Emitter<typeof metrics>;

const flags = {
  "collector.cpu.guest": flagKinds.flag(true, "Enables metric node_cpu_guest_seconds_total"),
  "collector.cpu.info": flagKinds.flag(false, "Enables metric cpu_info"),
  "collector.cpu.info.flags-include": flagKinds.text(
    "",
    "Filter the `flags` field in cpuInfo with a value that must be a regular expression",
  ),
  "collector.cpu.info.bugs-include": flagKinds.text(
    "",
    "Filter the `bugs` field in cpuInfo with a value that must be a regular expression",
  ),
};

/**
 * Exports time per mode, throttling, isolation and state of the CPUs, from /proc/stat, /proc/cpuinfo and
 * /sys/devices/system/cpu.
 */
export const cpu = defineCollector({
  name: "cpu",
  enabled: true,
  flags,
  metrics,
  open({ settings, clock }): Collect<typeof metrics> {
    const times = new CpuTimes();
    const withGuest = settings.boolean("collector.cpu.guest");
    const info = openInfo(settings);
    let isolated: readonly number[] | undefined;
    const topology = new Topology();
    const emitAll = function* (files: HostFiles, emit: CpuEmitter): Steps<void> {
      info?.(files, emit);
      yield;
      yield* emittingTimes(times.update(files.proc.read("stat")), withGuest, emit);
      // Reads the isolated CPUs only once, because the kernel's command line sets them.
      isolated ??= rangeListOf(files.sys.value("devices/system/cpu/isolated") ?? "");
      for (const number of isolated) emit.isolated(1, String(number));
      const folders = files.sys.list("devices/system/cpu").filter(isCpuFolder);
      yield* emittingThrottles(files.sys, yield* topology.finding(files.sys, folders), emit);
      yield* emittingOnline(files.sys, folders, emit);
    };
    return (files, emit) => runInTurns(clock, emitAll(files, emit));
  },
});

/** CPU seconds per mode and CPU. The values never decrease, even if the kernel's counters do. */
class CpuTimes {
  #seconds = new Map<string, Float64Array>();

  update(stat: string): ReadonlyMap<string, Float64Array> {
    const next = new Map<string, Float64Array>();
    for (const line of cpuLines(stat)) {
      const fields = fieldsOf(line);
      const read = Float64Array.from(
        { length: FIELD_COUNT },
        (_, i) => floatOf(fields[i + 1] ?? "0", "stat: cpu") / TICKS_PER_SECOND,
      );
      const number = fields[0]!.slice("cpu".length);
      next.set(number, notBelow(this.#seconds.get(number), read));
    }
    this.#seconds = next;
    return next;
  }
}

/** Reads only the cpuN lines, which come first. Does not split the very long interrupt line. */
function* cpuLines(stat: string): Generator<string> {
  for (let at = 0; stat.startsWith("cpu", at);) {
    const newline = stat.indexOf("\n", at);
    const end = newline === -1 ? stat.length : newline;
    if (stat[at + 3] !== " ") yield stat.slice(at, end);
    at = end + 1;
  }
}

function notBelow(before: Float64Array | undefined, read: Float64Array): Float64Array {
  if (before === undefined || before[IDLE]! - read[IDLE]! >= JUMP_BACK_SECONDS) return read;
  return read.map((value, i) => Math.max(value, before[i]!));
}

function* emittingTimes(times: ReadonlyMap<string, Float64Array>, withGuest: boolean, emit: CpuEmitter): Steps<void> {
  for (const [number, seconds] of times) {
    yield;
    for (let i = 0; i < MODES.length; i++) emit.seconds(seconds[i]!, number, MODES[i]!);
    if (!withGuest) continue;
    emit.guest(seconds[GUEST]!, number, "user");
    emit.guest(seconds[GUEST_NICE]!, number, "nice");
  }
}

const isCpuFolder = (name: string): boolean => /^cpu\d+$/.test(name);

/** Package and core of a CPU, and its folder in /sys. */
interface Place {
  readonly folder: string;
  readonly pkg: string;
  readonly core: string;
}

/** Packages and cores of the CPUs. They change only if a CPU is switched on or off. */
class Topology {
  #online: string | undefined;
  #names: readonly string[] = [];
  #places: readonly Place[] = [];

  *finding(sys: FileTree, names: readonly string[]): Steps<readonly Place[]> {
    const online = sys.value("devices/system/cpu/online");
    if (online !== undefined && online === this.#online && names.join() === this.#names.join()) return this.#places;
    const places: Place[] = [];
    for (const name of names) {
      yield;
      for (const place of placeOf(sys, `devices/system/cpu/${name}`)) places.push(place);
    }
    this.#places = places;
    this.#online = online;
    this.#names = names;
    return places;
  }
}

function placeOf(sys: FileTree, folder: string): readonly Place[] {
  const pkg = sys.value(`${folder}/topology/physical_package_id`);
  const core = sys.value(`${folder}/topology/core_id`);
  return integerOf(pkg) === undefined || integerOf(core) === undefined ? [] : [{ folder, pkg: pkg!, core: core! }];
}

function* emittingThrottles(sys: FileTree, places: readonly Place[], emit: CpuEmitter): Steps<void> {
  const cores = new Set<string>();
  const packages = new Set<string>();
  for (const { folder, pkg, core } of places) {
    yield;
    if (!cores.has(`${pkg}/${core}`)) {
      const count = integerOf(sys.value(`${folder}/thermal_throttle/core_throttle_count`));
      if (count !== undefined) {
        cores.add(`${pkg}/${core}`);
        emit.coreThrottles(count, pkg, core);
      }
    }
    if (packages.has(pkg)) continue;
    const count = integerOf(sys.value(`${folder}/thermal_throttle/package_throttle_count`));
    if (count === undefined) continue;
    packages.add(pkg);
    emit.packageThrottles(count, pkg);
  }
}

/** Exports which CPUs are online. Kernels without CPU hotplug have no `online` files. */
function* emittingOnline(sys: FileTree, folders: readonly string[], emit: CpuEmitter): Steps<void> {
  if (folders.length === 0) throw new Error(`no CPUs found in ${sys.path("devices/system/cpu")}`);
  if (sys.value(`devices/system/cpu/${folders[0]!}/online`) === undefined) return;
  for (const name of folders) {
    yield;
    emit.online(sys.value(`devices/system/cpu/${name}/online`) === "1" ? 1 : 0, name.slice("cpu".length));
  }
}

type Report = (files: HostFiles, emit: CpuEmitter) => void;

/**
 * Returns a function that reports the CPU data of --collector.cpu.info and its two filter flags; undefined if none of
 * these flags is set.
 */
function openInfo(settings: Settings): Report | undefined {
  const [flagsFlag, bugsFlag] = ["collector.cpu.info.flags-include", "collector.cpu.info.bugs-include"] as const;
  const flagsSource = settings.text(flagsFlag);
  const bugsSource = settings.text(bugsFlag);
  if (!settings.boolean("collector.cpu.info") && flagsSource === "" && bugsSource === "") return undefined;
  const keepFlag = flagsSource === "" ? undefined : compileFlag(flagsFlag, flagsSource);
  const keepBug = bugsSource === "" ? undefined : compileFlag(bugsFlag, bugsSource);
  const withFrequency = settings.boolean("collector.cpufreq");
  return (files, emit) => {
    const cpus = parseCpuInfo(files.proc.read("cpuinfo"));
    for (const one of cpus) {
      const field = (key: string): string => one.get(key) ?? "";
      const place = [field("physical id"), field("core id"), field("processor")] as const;
      const model = [field("vendor_id"), field("cpu family"), field("model"), field("model name")] as const;
      emit.info(1, ...place, ...model, field("microcode"), field("stepping"), field("cache size"));
      if (withFrequency) emit.frequency(Number.parseFloat(one.get("cpu MHz") ?? "0") * 1e6, ...place);
    }
    for (const word of fieldsOf(cpus[0]?.get("flags") ?? cpus.at(-1)?.get("Features") ?? ""))
      if (keepFlag?.test(word) === true) emit.flag(1, word);
    for (const word of fieldsOf(cpus[0]?.get("bugs") ?? "")) if (keepBug?.test(word) === true) emit.bug(1, word);
  };
}
