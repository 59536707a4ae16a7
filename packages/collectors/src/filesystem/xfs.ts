import { allOrNothing } from "../all-or-nothing.ts";
import { defineCollector, type DynamicEmitter } from "../collector.ts";
import { unsignedOf } from "../host-files/kernel-number.ts";
import { fieldsOf, linesOf } from "../host-files/kernel-text.ts";
import { byName, counter, type MetricSpec } from "../metric.ts";

const DEVICE = ["device"];
const count = (name: string, help: string): MetricSpec => counter(`node_xfs_${name}_total`, help, DEVICE);

const btree = (name: string, words: string): readonly MetricSpec[] => [
  count(`${name}_lookups`, `Number of ${words} B-tree lookups for a filesystem.`),
  count(`${name}_compares`, `Number of ${words} B-tree compares for a filesystem.`),
  count(`${name}_records_inserted`, `Number of ${words} B-tree records inserted for a filesystem.`),
  count(`${name}_records_deleted`, `Number of ${words} B-tree records deleted for a filesystem.`),
];

/** Metrics for the columns of each line, by the line's first word. */
const LINES: Readonly<Record<string, readonly MetricSpec[]>> = {
  extent_alloc: [
    count("extent_allocation_extents_allocated", "Number of extents allocated for a filesystem."),
    count("extent_allocation_blocks_allocated", "Number of blocks allocated for a filesystem."),
    count("extent_allocation_extents_freed", "Number of extents freed for a filesystem."),
    count("extent_allocation_blocks_freed", "Number of blocks freed for a filesystem."),
  ],
  abt: btree("allocation_btree", "allocation"),
  blk_map: [
    count("block_mapping_reads", "Number of block map for read operations for a filesystem."),
    count("block_mapping_writes", "Number of block map for write operations for a filesystem."),
    count("block_mapping_unmaps", "Number of block unmaps (deletes) for a filesystem."),
    count("block_mapping_extent_list_insertions", "Number of extent list insertions for a filesystem."),
    count("block_mapping_extent_list_deletions", "Number of extent list deletions for a filesystem."),
    count("block_mapping_extent_list_lookups", "Number of extent list lookups for a filesystem."),
    count("block_mapping_extent_list_compares", "Number of extent list compares for a filesystem."),
  ],
  bmbt: btree("block_map_btree", "block map"),
  dir: [
    count(
      "directory_operation_lookup",
      "Number of file name directory lookups which miss the operating systems directory name lookup cache.",
    ),
    count("directory_operation_create", "Number of times a new directory entry was created for a filesystem."),
    count("directory_operation_remove", "Number of times an existing directory entry was created for a filesystem."),
    count(
      "directory_operation_getdents",
      "Number of times the directory getdents operation was performed for a filesystem.",
    ),
  ],
  ig: [
    count("inode_operation_attempts", "Number of times the OS looked for an XFS inode in the inode cache."),
    count("inode_operation_found", "Number of times the OS looked for and found an XFS inode in the inode cache."),
    count(
      "inode_operation_recycled",
      "Number of times the OS found an XFS inode in the cache, but could not use it as it was being recycled.",
    ),
    count(
      "inode_operation_missed",
      "Number of times the OS looked for an XFS inode in the cache, but did not find it.",
    ),
    count(
      "inode_operation_duplicates",
      "Number of times the OS tried to add a missing XFS inode to the inode cache, but found it had already been " +
        "added by another process.",
    ),
    count(
      "inode_operation_reclaims",
      "Number of times the OS reclaimed an XFS inode from the inode cache to free memory for another purpose.",
    ),
    count(
      "inode_operation_attribute_changes",
      "Number of times the OS explicitly changed the attributes of an XFS inode.",
    ),
  ],
  rw: [
    count("write_calls", "Number of write(2) system calls made to files in a filesystem."),
    count("read_calls", "Number of read(2) system calls made to files in a filesystem."),
  ],
  vnodes: [
    count("vnode_active", "Number of vnodes not on free lists for a filesystem."),
    count("vnode_allocate", "Number of times vn_alloc called for a filesystem."),
    count("vnode_get", "Number of times vn_get called for a filesystem."),
    count("vnode_hold", "Number of times vn_hold called for a filesystem."),
    count("vnode_release", "Number of times vn_rele called for a filesystem."),
    count("vnode_reclaim", "Number of times vn_reclaim called for a filesystem."),
    count("vnode_remove", "Number of times vn_remove called for a filesystem."),
  ],
};

/** Number of trailing columns that may be missing. Only some kernels print the number of free vnodes. */
const OPTIONAL_COLUMNS: Readonly<Record<string, number>> = { vnodes: 1 };

/** Limit of the kernel's counters, which have 32 bits and wrap around. */
const COUNTER_LIMIT = 2 ** 32;

/** Exports mounted XFS filesystems from /sys/fs/xfs/<device>/stats/stats, on Linux 4.4 and later. */
export const xfs = defineCollector({
  name: "xfs",
  enabled: true,
  metrics: byName(Object.values(LINES).flat()),
  collect({ sys }, emit) {
    allOrNothing(emit, (held) => {
      for (const device of sys.list("fs/xfs"))
        if (sys.list(`fs/xfs/${device}/stats`).includes("stats"))
          emitStats(sys.read(`fs/xfs/${device}/stats/stats`), device, held);
    });
  },
});

function emitStats(text: string, device: string, emit: DynamicEmitter): void {
  const rows = new Map(linesOf(text).map((line) => [line.split(" ", 1)[0]!, fieldsOf(line).slice(1)]));
  for (const [label, columns] of Object.entries(LINES)) {
    const numbers = rows.get(label) ?? [];
    const surplus = numbers.length - columns.length;
    if (numbers.length > 0 && (surplus < 0 || surplus > (OPTIONAL_COLUMNS[label] ?? 0)))
      throw new Error(`xfs ${device}: expected ${columns.length} numbers after ${label}, got ${numbers.length}`);
    columns.forEach((metric, i) => {
      // Uses zeros for a line that this kernel does not print.
      const value = numbers.length === 0 ? 0 : unsignedOf(numbers[i], `xfs ${device} ${label}`);
      if (value >= COUNTER_LIMIT) throw new Error(`xfs ${device}: ${label} is wider than 32 bits: ${value}`);
      emit.dynamic(metric, value, device);
    });
  }
}
