import { flagKinds } from "@narthex/runtime";
import { allOrNothing } from "../all-or-nothing.ts";
import { defineCollector, type Emitter } from "../collector.ts";
import type { FileTree } from "../host-files/host-files.ts";
import { floatOf, unsignedOf } from "../host-files/kernel-number.ts";
import { fieldsOf, linesOf } from "../host-files/kernel-text.ts";
import { byName, counter, gauge, type MetricSpec } from "../metric.ts";
import { optionalText } from "../host-files/attribute.ts";

const SET = ["uuid"];
const BACKING = ["uuid", "backing_device"];
const CACHE = ["uuid", "cache_device"];

/** A file of bcache, with the metric that exports the file's value. */
type Reading = readonly [file: string, metric: MetricSpec, factor?: number];

const SET_READINGS: readonly Reading[] = [
  [
    "average_key_size",
    gauge("node_bcache_average_key_size_sectors", "Average data per key in the btree (sectors).", SET),
  ],
  [
    "btree_cache_size",
    gauge("node_bcache_btree_cache_size_bytes", "Amount of memory currently used by the btree cache.", SET),
  ],
  [
    "cache_available_percent",
    gauge(
      "node_bcache_cache_available_percent",
      "Percentage of cache device without dirty data, usable for writeback (may contain clean cached data).",
      SET,
    ),
  ],
  ["congested", gauge("node_bcache_congested", "Congestion.", SET)],
  [
    "root_usage_percent",
    gauge(
      "node_bcache_root_usage_percent",
      "Percentage of the root btree node in use (tree depth increases if too high).",
      SET,
    ),
  ],
  ["tree_depth", gauge("node_bcache_tree_depth", "Depth of the btree.", SET)],
  [
    "internal/active_journal_entries",
    gauge("node_bcache_active_journal_entries", "Number of journal entries that are newer than the index.", SET),
  ],
  ["internal/btree_nodes", gauge("node_bcache_btree_nodes", "Total nodes in the btree.", SET)],
  [
    // Reads nanoseconds from this file, although the file name says microseconds.
    "internal/btree_read_average_duration_us",
    gauge("node_bcache_btree_read_average_duration_seconds", "Average btree read duration.", SET),
    1e-9,
  ],
  [
    "internal/cache_read_races",
    counter(
      "node_bcache_cache_read_races_total",
      "Counts instances where while data was being read from the cache, the bucket was reused and invalidated - i.e. " +
        "where the pointer was stale after the read completed.",
      SET,
    ),
  ],
];

const BACKING_READINGS: readonly Reading[] = [
  [
    "dirty_data",
    gauge("node_bcache_dirty_data_bytes", "Amount of dirty data for this backing device in the cache.", BACKING),
  ],
  [
    "stats_total/bypassed",
    counter(
      "node_bcache_bypassed_bytes_total",
      "Amount of IO (both reads and writes) that has bypassed the cache.",
      BACKING,
    ),
  ],
  [
    "stats_total/cache_hits",
    counter("node_bcache_cache_hits_total", "Hits counted per individual IO as bcache sees them.", BACKING),
  ],
  [
    "stats_total/cache_misses",
    counter("node_bcache_cache_misses_total", "Misses counted per individual IO as bcache sees them.", BACKING),
  ],
  [
    "stats_total/cache_bypass_hits",
    counter("node_bcache_cache_bypass_hits_total", "Hits for IO intended to skip the cache.", BACKING),
  ],
  [
    "stats_total/cache_bypass_misses",
    counter("node_bcache_cache_bypass_misses_total", "Misses for IO intended to skip the cache.", BACKING),
  ],
  [
    "stats_total/cache_miss_collisions",
    counter(
      "node_bcache_cache_miss_collisions_total",
      "Instances where data insertion from cache miss raced with write (data already present).",
      BACKING,
    ),
  ],
];

const CACHE_READINGS: readonly Reading[] = [
  [
    "io_errors",
    gauge("node_bcache_io_errors", "Number of errors that have occurred, decayed by io_error_halflife.", CACHE),
  ],
  [
    "metadata_written",
    counter(
      "node_bcache_metadata_written_bytes_total",
      "Sum of all non data writes (btree writes and all other metadata).",
      CACHE,
    ),
  ],
  ["written", counter("node_bcache_written_bytes_total", "Sum of all data that has been written to the cache.", CACHE)],
];

const metrics = {
  readaheads: counter("node_bcache_cache_readaheads_total", "Count of times readahead occurred.", BACKING),
  target: gauge(
    "node_bcache_dirty_target_bytes",
    "Current dirty data target threshold for this backing device in bytes.",
    BACKING,
  ),
  rate: gauge("node_bcache_writeback_rate", "Current writeback rate for this backing device in bytes.", BACKING),
  proportional: gauge(
    "node_bcache_writeback_rate_proportional_term",
    "Current result of proportional controller, part of writeback rate",
    BACKING,
  ),
  integral: gauge(
    "node_bcache_writeback_rate_integral_term",
    "Current result of integral controller, part of writeback rate",
    BACKING,
  ),
  change: gauge("node_bcache_writeback_change", "Last writeback rate change step for this backing device.", BACKING),
  unusedPercent: gauge(
    "node_bcache_priority_stats_unused_percent",
    "The percentage of the cache that doesn't contain any data.",
    CACHE,
  ),
  metadataPercent: gauge("node_bcache_priority_stats_metadata_percent", "Bcache's metadata overhead.", CACHE),
};

type BcacheEmitter = Emitter<typeof metrics>;

const ROOT = "fs/bcache";
const PRIORITY_STATS = "collector.bcache.priorityStats";

/**
 * Exports block caches from /sys/fs/bcache. The file priority_stats is read only with a flag, because it walks the
 * whole cache device.
 */
export const bcache = defineCollector({
  name: "bcache",
  enabled: true,
  flags: { [PRIORITY_STATS]: flagKinds.flag(false, "Expose expensive priority stats.") },
  metrics: {
    ...byName([...SET_READINGS, ...BACKING_READINGS, ...CACHE_READINGS].map(([, metric]) => metric)),
    ...metrics,
  },
  open({ settings }) {
    const withPriority = settings.boolean(PRIORITY_STATS);
    return ({ sys }, emit) =>
      allOrNothing(emit, (held) => {
        for (const uuid of sys.list(ROOT).filter((name) => name.includes("-"))) emitSet(sys, uuid, withPriority, held);
      });
  },
});

function emitSet(sys: FileTree, uuid: string, withPriority: boolean, emit: BcacheEmitter): void {
  const folder = `${ROOT}/${uuid}`;
  emitReadings(sys, folder, SET_READINGS, [uuid], emit);
  for (const device of sys.list(folder)) {
    if (/^bdev\d/.test(device)) emitBackingDevice(sys, `${folder}/${device}`, [uuid, device], emit);
    if (/^cache\d/.test(device)) {
      emitReadings(sys, `${folder}/${device}`, CACHE_READINGS, [uuid, device], emit);
      if (withPriority) emitPriority(sys.read(`${folder}/${device}/priority_stats`), [uuid, device], emit);
    }
  }
}

function emitReadings(
  sys: FileTree,
  folder: string,
  readings: readonly Reading[],
  labels: readonly string[],
  emit: BcacheEmitter,
): void {
  for (const [file, metric, factor = 1] of readings)
    emit.dynamic(metric, sizeIn(sys, `${folder}/${file}`) * factor, ...labels);
}

function emitBackingDevice(sys: FileTree, folder: string, labels: readonly string[], emit: BcacheEmitter): void {
  emitReadings(sys, folder, BACKING_READINGS, labels, emit);
  // Omits the metric if the value is 0, because this file does not exist in newer kernels and a missing file reads as
  // 0.
  const readaheads = sizeIn(sys, `${folder}/stats_total/cache_readaheads`);
  if (readaheads !== 0) emit.readaheads(readaheads, ...labels);
  const writeback = writebackRate(sys.read(`${folder}/writeback_rate_debug`));
  for (const key of ["target", "rate", "proportional", "integral", "change"] as const)
    emit[key](writeback.get(key) ?? 0, ...labels);
}

/** Returns sizes by name from lines such as `rate: 1.1M/sec`, `proportional: -2.4k`, `next io: -150ms`. */
function writebackRate(text: string): ReadonlyMap<string, number> {
  const sizes = new Map<string, number>();
  for (const line of linesOf(text)) {
    const [, key, value] = /^(rate|dirty|target|proportional|integral|change):.*?(\S*)$/.exec(line) ?? [];
    if (key !== undefined) sizes.set(key, sizeOf(value!.replace(/\/sec$/, ""), `bcache writeback_rate_debug ${key}`));
  }
  return sizes;
}

function emitPriority(text: string, labels: readonly string[], emit: BcacheEmitter): void {
  const percentOf = (key: string): number => {
    const line = linesOf(text).find((row) => row.startsWith(key));
    return line === undefined
      ? 0
      : unsignedOf(fieldsOf(line).at(-1)!.replace(/%$/, ""), `bcache priority_stats ${key}`);
  };
  emit.unusedPercent(percentOf("Unused:"), ...labels);
  emit.metadataPercent(percentOf("Metadata:"), ...labels);
}

/** Returns the size in a file, or 0 if this kernel does not have the file. */
function sizeIn(sys: FileTree, path: string): number {
  const text = optionalText(sys, path);
  if (text === undefined) return 0;
  // Refuses a value without a newline. Such a value was cut short and may be a tenth of the real value.
  if (!/^\d.*\n$/.test(text)) throw new Error(`bcache ${path}: expected a size and a newline, got "${text}"`);
  return sizeOf(text.slice(0, -1), `bcache ${path}`);
}

const UNITS = ["", "k", "M", "G", "T", "P", "E", "Z", "Y"];

/**
 * Parses a size as bcache prints it. The digits after the point are not tenths: the driver prints 0 to 1023 divided by
 * 100, so .10 is greater than .9. The unusual divisor restores the order.
 */
function sizeOf(text: string, where: string): number {
  const [, sign, whole, , part, unit] = /^(-?)(\d+)(\.(\d+))?([kMGTPEZY]?)$/.exec(text) ?? [];
  if (whole === undefined) throw new Error(`${where}: expected a size, got "${text}"`);
  const fraction = part === undefined ? 0 : unit === "" ? floatOf(`0.${part}`, where) : Number(part) / 10.24;
  const size = Math.trunc((Number(whole) + fraction) * 1024 ** UNITS.indexOf(unit!));
  return sign === "-" && size !== 0 ? -size : size;
}
