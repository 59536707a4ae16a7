import { readdirSync, readFileSync, statSync } from "node:fs";
import { systemClock } from "@narthex/runtime";
import { family, type MetricFamily, sample } from "../family.ts";

/**
 * Minimum change of the difference between wall clock and monotonic clock, in ms, from which follows that the system's
 * clock was set.
 */
const CLOCK_STEP_MS = 500;
// Clock ticks per second in /proc (USER_HZ): 100 on every Linux that Node supports.
const CLOCK_TICKS = 100;

/**
 * Returns a function for the process_* families of the Go client. Values are read from /proc/self, or from Node if
 * /proc does not exist.
 *
 * @param readNetstat reads /proc/self/net/netstat; undefined if the file is missing
 */
export function processMetrics(
  startMs: number,
  readNetstat: () => string | undefined = () => read("/proc/self/net/netstat"),
): () => readonly MetricFamily[] {
  const start = new StartTime();
  return () => {
    const usage = process.resourceUsage();
    const stat = statFields();
    const families = [
      family(
        "counter",
        "process_cpu_seconds_total",
        "Total user and system CPU time spent in seconds.",
        (usage.userCPUTime + usage.systemCPUTime) / 1e6,
      ),
      family("gauge", "process_resident_memory_bytes", "Resident memory size in bytes.", process.memoryUsage.rss()),
      family(
        "gauge",
        "process_start_time_seconds",
        "Start time of the process since unix epoch in seconds.",
        start.of(stat) ?? startMs / 1000,
      ),
    ];
    return process.platform === "linux" ? [...families, ...linuxFamilies(stat, readNetstat())] : families;
  };
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

/** Returns the fields of /proc/self/stat after the command's name, which may contain spaces. */
function statFields(): readonly string[] | undefined {
  const stat = read("/proc/self/stat");
  return stat?.slice(stat.lastIndexOf(")") + 2).split(" ");
}

/**
 * Start time of the process. The time is computed again only if the system's clock was set, because reading /proc/stat
 * is slow.
 */
class StartTime {
  #seconds: number | undefined;
  #bootMs = Number.NaN;

  of(stat: readonly string[] | undefined): number | undefined {
    const bootMs = systemClock.now() - systemClock.monotonic();
    if (!(Math.abs(bootMs - this.#bootMs) <= CLOCK_STEP_MS)) {
      this.#seconds = startSeconds(stat);
      this.#bootMs = bootMs;
    }
    return this.#seconds;
  }
}

function startSeconds(stat: readonly string[] | undefined): number | undefined {
  const boot = /^btime (\d+)$/m.exec(read("/proc/stat") ?? "")?.[1];
  const ticks = stat?.[19];
  return boot === undefined || ticks === undefined ? undefined : Number(boot) + Number(ticks) / CLOCK_TICKS;
}

function linuxFamilies(stat: readonly string[] | undefined, netstat: string | undefined): MetricFamily[] {
  const out: MetricFamily[] = [];
  const gauge = (name: string, help: string, value: number | undefined): void => {
    if (value !== undefined) out.push(family("gauge", name, help, value));
  };
  const limits = (read("/proc/self/limits") ?? "").split("\n");
  gauge("process_open_fds", "Number of open file descriptors.", openFiles());
  gauge("process_max_fds", "Maximum number of open file descriptors.", limit(limits, "Max open files"));
  const virtual = stat?.[20];
  gauge(
    "process_virtual_memory_bytes",
    "Virtual memory size in bytes.",
    virtual === undefined ? undefined : Number(virtual),
  );
  gauge(
    "process_virtual_memory_max_bytes",
    "Maximum amount of virtual memory available in bytes.",
    limit(limits, "Max address space"),
  );
  const [received, transmitted] = networkBytes(netstat ?? "");
  out.push(
    family(
      "counter",
      "process_network_receive_bytes_total",
      "Number of bytes received by the process over the network.",
      [sample(received)],
    ),
    family("counter", "process_network_transmit_bytes_total", "Number of bytes sent by the process over the network.", [
      sample(transmitted),
    ]),
  );
  return out;
}

/**
 * Returns the number of open files. Linux 6.2 and later report this number as the size of the folder. As in the Go
 * client, older versions need a list of the folder.
 */
function openFiles(): number | undefined {
  try {
    const { size } = statSync("/proc/self/fd");
    return size > 0 ? size : readdirSync("/proc/self/fd").length;
  } catch {
    return undefined;
  }
}

/**
 * Returns a soft limit from the lines of /proc/self/limits. For "unlimited" returns the largest uint64, as the Go
 * client does.
 */
function limit(limits: readonly string[], name: string): number | undefined {
  const line = limits.find((row) => row.startsWith(name));
  const soft = line?.slice(name.length).trim().split(/\s+/)[0];
  if (soft === undefined) return undefined;
  return soft === "unlimited" ? 2 ** 64 : Number(soft);
}

/** Returns the bytes of IpExt in the text of /proc/self/net/netstat for the network namespace, like the Go client. */
function networkBytes(netstat: string): readonly [number, number] {
  const rows = netstat.split("\n").filter((row) => row.startsWith("IpExt:"));
  const names = rows[0]?.split(" ") ?? [];
  const values = rows[1]?.split(" ") ?? [];
  const field = (name: string): number => Number(values[names.indexOf(name)] ?? 0);
  return [field("InOctets"), field("OutOctets")];
}
