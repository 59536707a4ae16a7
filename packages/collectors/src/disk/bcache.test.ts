import { expect, test } from "vitest";
import { bcache } from "./bcache.ts";
import { hostTree, seriesFrom } from "../testing/host-tree.ts";

const SET = "sys/fs/bcache/0a-1b";
const files = {
  [`${SET}/btree_cache_size`]: "1.10k\n",
  [`${SET}/internal/btree_read_average_duration_us`]: "1305\n",
  [`${SET}/bdev0/dirty_data`]: "5.7M\n",
  [`${SET}/bdev0/stats_total/cache_hits`]: "546\n",
  [`${SET}/bdev0/writeback_rate_debug`]: "rate:\t\t1.1M/sec\ndirty:\t\t20.4G\nproportional:\t-4.5k\nnext io:\t-17ms\n",
  [`${SET}/cache0/written`]: "512\n",
  [`${SET}/cache0/priority_stats`]: "Unused:\t\t99%\nMetadata:\t0%\nAverage:\t10473\n",
};

test("bcache converts sizes with units to bytes, including the driver's unusual fractions", async () => {
  using host = hostTree(files);
  const series = await seriesFrom(bcache, host);
  expect(series).toContain('node_bcache_btree_cache_size_bytes{uuid="0a-1b"} 2024');
  expect(series).toContain('node_bcache_dirty_data_bytes{backing_device="bdev0",uuid="0a-1b"} 5.95968e+06');
  expect(series).toContain('node_bcache_cache_hits_total{backing_device="bdev0",uuid="0a-1b"} 546');
  expect(series).toContain('node_bcache_writeback_rate{backing_device="bdev0",uuid="0a-1b"} 1.150976e+06');
  expect(series).toContain('node_bcache_writeback_rate_proportional_term{backing_device="bdev0",uuid="0a-1b"} -4596');
  expect(series).toContain('node_bcache_written_bytes_total{cache_device="cache0",uuid="0a-1b"} 512');
  expect(series.filter((line) => /priority_stats|readaheads/.test(line))).toEqual([]);
});

test("bcache reads nanoseconds from files whose names say microseconds", async () => {
  using host = hostTree(files);
  expect(await seriesFrom(bcache, host)).toContain(
    'node_bcache_btree_read_average_duration_seconds{uuid="0a-1b"} 1.305e-06',
  );
});

test("bcache reads priority_stats if its flag is set", async () => {
  using host = hostTree(files);
  const series = await seriesFrom(bcache, host, { "collector.bcache.priorityStats": true });
  expect(series).toContain('node_bcache_priority_stats_unused_percent{cache_device="cache0",uuid="0a-1b"} 99');
});

test("bcache shows nothing if one file of the host is cut short", async () => {
  using host = hostTree({ ...files, [`${SET}/cache0/written`]: "51" });
  expect(await seriesFrom(bcache, host)).toEqual(['node_scrape_collector_success{collector="bcache"} 0']);
});

test("bcache does not fail on a host without bcache", async () => {
  using host = hostTree();
  expect(await seriesFrom(bcache, host)).toEqual([]);
});
