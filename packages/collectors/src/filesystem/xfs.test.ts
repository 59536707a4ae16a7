import { expect, test } from "vitest";
import { hostTree, seriesFrom } from "../testing/host-tree.ts";
import { xfs } from "./xfs.ts";

const STATS = [
  "extent_alloc 1 872 0 0",
  "abt 0 0 0 0",
  "blk_map 61 29 1 1 1 91 0",
  "bmbt 0 0 0 0",
  "dir 3 2 1 52",
  "trans 4 40 0",
  "ig 5 1 0 4 0 0 1",
  "rw 28 13",
  "vnodes 4 0 0 0 1 1 1 0",
  "xpc 3571712 3568056 0",
];

test("xfs reads the lines of a filesystem's statistics; a missing line counts 0", async () => {
  using host = hostTree({
    "sys/fs/xfs/sda1/stats/stats": `${STATS.filter((row) => !row.startsWith("ig")).join("\n")}\n`,
  });
  const series = await seriesFrom(xfs, host);
  expect(series).toHaveLength(39);
  expect(series).toContain('node_xfs_extent_allocation_blocks_allocated_total{device="sda1"} 872');
  expect(series).toContain('node_xfs_block_mapping_extent_list_lookups_total{device="sda1"} 91');
  expect(series).toContain('node_xfs_directory_operation_getdents_total{device="sda1"} 52');
  expect(series).toContain('node_xfs_inode_operation_attempts_total{device="sda1"} 0');
  expect(series).toContain('node_xfs_write_calls_total{device="sda1"} 28');
  expect(series).toContain('node_xfs_read_calls_total{device="sda1"} 13');
  expect(series).toContain('node_xfs_vnode_remove_total{device="sda1"} 1');
});

test.each(["rw 28", "rw 28 x", "rw 28 13 5", "rw 28 4294967296"])("xfs refuses the line %j", async (line) => {
  using host = hostTree({ "sys/fs/xfs/sda1/stats/stats": `${[...STATS.slice(0, 7), line].join("\n")}\n` });
  expect(await seriesFrom(xfs, host)).toEqual(['node_scrape_collector_success{collector="xfs"} 0']);
});

test("xfs does not fail on a host without XFS, and skips the sum over all filesystems", async () => {
  using host = hostTree({ "sys/fs/xfs/stats/stats": `${STATS.join("\n")}\n` });
  expect(await seriesFrom(xfs, host)).toEqual([]);
});
