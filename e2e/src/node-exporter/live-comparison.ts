import type { FamilyLines } from "./family-lines.ts";

/** Command line flags that restore node_exporter's defaults, which Debian's package changes. */
export const DEBIAN_FLAGS: readonly string[] = [
  "--collector.filesystem.mount-points-exclude=^/(dev|proc|run/credentials/.+|sys|var/lib/docker/.+|var/lib/containers/storage/.+)($|/)",
  "--collector.textfile.directory=",
  "--collector.systemd.unit-exclude=.+\\.(automount|device|mount|scope|slice)",
];

/**
 * Lines of the exposition that are not compared: metrics of each exporter about itself, and lines that changed in
 * node_exporter 1.12. This test runs node_exporter 1.11.
 */
const DIFFERENT: readonly (readonly [line: RegExp, reason: string])[] = [
  [/^(?:# \w+ )?(?:go|process|promhttp)_/, "metrics of the two programs about themselves"],
  [/^node_exporter_build_info\{/, "their version and ours"],
  [/^node_disk_info\{/, "1.11 says rotational=0 of every disk whose queue lacks a file it reads"],
  [/^node_filesystem_readonly\{/, "1.11 knows a mount as read-only by its only option alone"],
  [/^# HELP node_ksmd_/, "1.12 has texts that say something"],
  [/^(?:# \w+ )?node_ksmd_general_profit_bytes/, "1.12"],
  [/^(?:# \w+ )?node_dmmultipath_/, "1.12"],
  [/^(?:# \w+ )?node_edac_channel_/, "1.12"],
  [/^node_scrape_collector_\w+\{collector="(?:dmmultipath|nvmesubsystem)"\}/, "1.12"],
];

/** Gauges that change all the time. node_exporter's value may differ from two equal values of our exporter. */
const RESTLESS: readonly (readonly [name: RegExp, reason: string])[] = [
  [
    /^node_memory_(?!MemTotal|SwapTotal|CommitLimit|Hugepagesize|HugePages_Total|DirectMap|VmallocTotal|numa_MemTotal)/,
    "memory is taken and given back",
  ],
  [/^node_(?:zoneinfo_nr|slabinfo_(?:active_)?objects$|buddyinfo|ksmd_pages)/, "memory is taken and given back"],
  [/^node_(?:procs|processes_(?!max)|load|filefd_allocated|entropy_available|cgroups)/, "processes come and go"],
  [
    /^node_(?:sockstat|tcp|udp|netstat_Tcp_CurrEstab|nf_conntrack_entries$|arp|qdisc_backlog|qdisc_current)/,
    "connections",
  ],
  [/^node_vmstat_nr_/, "memory is taken and given back"],
  [/^node_perf_/, "counted since each program's own first look"],
  [/^node_(?:time_seconds|timex_(?!sync|tai|tick|pps)|scrape_collector_duration)/, "time"],
  [/^node_filesystem_(?:avail|free|files_free)/, "files are written"],
  [/^node_(?:disk_io_now|cpu_scaling|cpu_frequency|hwmon|thermal|cooling)/, "the hardware is at work"],
];

/**
 * Returns the value of each series of the exposition. A HELP or TYPE line is also an entry: the key is its start, the
 * value its remaining text.
 */
function seriesOf(families: FamilyLines): Map<string, string> {
  const series = new Map<string, string>();
  for (const line of [...families.values()].flatMap((lines) => [...lines])) {
    const cut = line.startsWith("# ") ? line.indexOf(" ", line.indexOf(" ", 2) + 1) : line.lastIndexOf(" ");
    series.set(line.slice(0, cut), line.slice(cut + 1));
  }
  return series;
}

/**
 * Compares a scrape of node_exporter with two scrapes of our exporter, one before and one after it. Returns a sentence
 * for each difference.
 */
export function compareHosts(before: FamilyLines, real: FamilyLines, after: FamilyLines): string[] {
  const [first, between, last] = [seriesOf(before), seriesOf(real), seriesOf(after)];
  const wrong: string[] = [];
  for (const [key, value] of between) {
    const [one, two] = [first.get(key), last.get(key)];
    if (isDifferent(key)) continue;
    if (one === undefined && two === undefined && !isRestless(key)) wrong.push(`ours lacks ${key} ${value}`);
    else if (one !== undefined && two !== undefined && isWrong(key, one, value, two, last))
      wrong.push(`${key} is ${one} and ${two} here, ${value} there`);
  }
  for (const [key, value] of last)
    if (first.has(key) && !between.has(key) && !isDifferent(key) && !isRestless(key))
      wrong.push(`ours alone has ${key} ${value}`);
  return wrong.toSorted();
}

const isRestless = (key: string): boolean => RESTLESS.some(([name]) => name.test(key));

const isDifferent = (key: string): boolean => DIFFERENT.some(([line]) => line.test(key));

/**
 * Reports whether node_exporter's value contradicts two values of our exporter. A counter must be between our two
 * values. Any other value must be equal to ours if our two values are equal.
 */
function isWrong(key: string, one: string, value: string, two: string, types: ReadonlyMap<string, string>): boolean {
  const name = /^[\w:]+/.exec(key)?.[0] ?? "";
  if (isRestless(name)) return false;
  const grows = /^(?:counter|untyped)$/.test(types.get(`# TYPE ${name}`) ?? "") && Number(one) <= Number(two);
  if (grows) return Number(value) < Number(one) || Number(value) > Number(two);
  return one === two && value !== one;
}
