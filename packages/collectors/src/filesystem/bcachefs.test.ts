import { expect, test } from "vitest";
import { bcachefs } from "./bcachefs.ts";
import { hostTree, seriesFrom } from "../testing/host-tree.ts";

const FS = "sys/fs/bcachefs/deadbeef";
const files = {
  [`${FS}/btree_cache_size`]: "524M\n",
  [`${FS}/compression_stats`]:
    "type  compressed  uncompressed  average extent size\nlz4:  19.3G  67.0G  112k\nnone: 1\n",
  [`${FS}/errors`]: "btree_node_read_err  5  1234567890\n",
  [`${FS}/btree_write_stats`]: "  nr  size\ninitial: 19088 108k\n",
  [`${FS}/counters/io-read`]: "since mount:  \t1.5k\nsince filesystem creation:  2k\n",
  [`${FS}/dev-0/label`]: "ssd.ssd1\n",
  [`${FS}/dev-0/state`]: "rw\n",
  [`${FS}/dev-0/bucket_size`]: "512k\n",
  [`${FS}/dev-0/nbuckets`]: "524288\n",
  [`${FS}/dev-0/io_done`]: "read:\nsb : 3989504\nwrite:\nuser : 31417344\n",
  [`${FS}/dev-0/io_errors`]:
    "IO errors since filesystem creation\n  read:    7\n  write:    0\nIO errors since 8 y ago\n  read:    3\n",
};

test("bcachefs reads tables, counters and devices of a filesystem", async () => {
  using host = hostTree(files);
  expect(await seriesFrom(bcachefs, host)).toEqual([
    'node_bcachefs_btree_cache_size_bytes{uuid="deadbeef"} 5.49453824e+08',
    'node_bcachefs_btree_write_average_size_bytes{type="initial",uuid="deadbeef"} 110592',
    'node_bcachefs_btree_writes_total{type="initial",uuid="deadbeef"} 19088',
    'node_bcachefs_compression_compressed_bytes{algorithm="lz4",uuid="deadbeef"} 2.0723217203e+10',
    'node_bcachefs_compression_uncompressed_bytes{algorithm="lz4",uuid="deadbeef"} 7.1940702208e+10',
    'node_bcachefs_device_bucket_size_bytes{device="0",uuid="deadbeef"} 524288',
    'node_bcachefs_device_buckets{device="0",uuid="deadbeef"} 524288',
    'node_bcachefs_device_durability{device="0",uuid="deadbeef"} 0',
    'node_bcachefs_device_info{device="0",label="ssd.ssd1",state="rw",uuid="deadbeef"} 1',
    'node_bcachefs_device_io_done_bytes_total{data_type="sb",device="0",operation="read",uuid="deadbeef"} 3.989504e+06',
    'node_bcachefs_device_io_done_bytes_total{data_type="user",device="0",operation="write",uuid="deadbeef"} 3.1417344e+07',
    'node_bcachefs_device_io_errors_total{device="0",type="read",uuid="deadbeef"} 7',
    'node_bcachefs_device_io_errors_total{device="0",type="write",uuid="deadbeef"} 0',
    'node_bcachefs_errors_total{error_type="btree_node_read_err",uuid="deadbeef"} 5',
    'node_bcachefs_info{uuid="deadbeef"} 1',
    'node_bcachefs_io_read_total{uuid="deadbeef"} 2048',
  ]);
});

test.each([
  ["a counter that says nothing", `${FS}/counters/io-read`, ""],
  ["a size that is none", `${FS}/btree_cache_size`, "big\n"],
  ["a count that is none", `${FS}/errors`, "btree_node_read_err many\n"],
])("bcachefs shows nothing after %s", async (_, path, content) => {
  using host = hostTree({ ...files, [path]: content });
  expect(await seriesFrom(bcachefs, host)).toEqual(['node_scrape_collector_success{collector="bcachefs"} 0']);
});

test("bcachefs has no data if there is no such filesystem", async () => {
  using host = hostTree();
  expect(await seriesFrom(bcachefs, host)).toEqual(['node_scrape_collector_success{collector="bcachefs"} 0']);
});
