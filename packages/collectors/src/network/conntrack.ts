import { defineCollector } from "../collector.ts";
import { NoDataError } from "../no-data-error.ts";
import { type FileTree, isMissing } from "../host-files/host-files.ts";
import { hexadecimalOf, unsignedOf } from "../host-files/kernel-number.ts";
import { fieldsOf, linesOf } from "../host-files/kernel-text.ts";
import { gauge } from "../metric.ts";

const stat = (name: string, help: string): ReturnType<typeof gauge> => gauge(`node_nf_conntrack_stat_${name}`, help);

/**
 * Positions of the counts in a line of /proc/net/stat/nf_conntrack. The header line differs between kernels, but the
 * positions do not.
 */
const COLUMNS = [
  ["found", 2],
  ["invalid", 4],
  ["ignore", 5],
  ["insert", 8],
  ["insert_failed", 9],
  ["drop", 10],
  ["early_drop", 11],
  ["search_restart", 16],
] as const;

/** Minimum number of columns. The last column exists since Linux 2.6.35. */
const FEWEST_COLUMNS = 16;
const MAX_COLUMNS = 17;

/**
 * Exports connection tracking from /proc/sys/net/netfilter and /proc/net/stat/nf_conntrack. There is no data without
 * the kernel module.
 */
export const conntrack = defineCollector({
  name: "conntrack",
  enabled: true,
  metrics: {
    entries: gauge("node_nf_conntrack_entries", "Number of currently allocated flow entries for connection tracking."),
    limit: gauge("node_nf_conntrack_entries_limit", "Maximum size of connection tracking table."),
    found: stat("found", "Number of searched entries which were successful."),
    invalid: stat("invalid", "Number of packets seen which can not be tracked."),
    ignore: stat("ignore", "Number of packets seen which are already connected to a conntrack entry."),
    insert: stat("insert", "Number of entries inserted into the list."),
    insert_failed: stat("insert_failed", "Number of entries for which list insertion was attempted but failed."),
    drop: stat("drop", "Number of packets dropped due to conntrack failure."),
    early_drop: stat(
      "early_drop",
      "Number of dropped conntrack entries to make room for new ones, if maximum table size was reached.",
    ),
    search_restart: stat(
      "search_restart",
      "Number of conntrack table lookups which had to be restarted due to hashtable resizes.",
    ),
  },
  collect({ proc }, emit) {
    const read = (path: string): string => readOrNoData(proc, path);
    emit.entries(unsignedOf(read("sys/net/netfilter/nf_conntrack_count").trim(), "nf_conntrack_count"));
    emit.limit(unsignedOf(read("sys/net/netfilter/nf_conntrack_max").trim(), "nf_conntrack_max"));
    const sums = sumColumns(read("net/stat/nf_conntrack"));
    for (const [key, column] of COLUMNS) emit[key](sums[column]!);
  },
});

function readOrNoData(proc: FileTree, path: string): string {
  try {
    return proc.read(path);
  } catch (error) {
    if (isMissing(error)) throw new NoDataError("conntrack is not loaded", { cause: error });
    throw error;
  }
}

/** Returns the sums of the columns of a table with a header line and a line of hexadecimal numbers per CPU. */
function sumColumns(text: string): number[] {
  const sums = Array.from({ length: MAX_COLUMNS }, () => 0);
  for (const row of linesOf(text).slice(1)) {
    const columns = fieldsOf(row).map((hex) => hexadecimalOf(hex, "nf_conntrack"));
    if (columns.length < FEWEST_COLUMNS || columns.length > MAX_COLUMNS)
      throw new Error(`nf_conntrack: ${columns.length} columns, expected ${FEWEST_COLUMNS} or ${MAX_COLUMNS}`);
    for (const [i, value] of columns.entries()) sums[i]! += value;
  }
  return sums;
}
