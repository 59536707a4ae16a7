import { expect, test } from "vitest";
import { hostTree, seriesFrom } from "../testing/host-tree.ts";
import { tapestats } from "./tapestats.ts";

const STATS = "sys/class/scsi_tape/st0/stats";
const files = {
  [`${STATS}/in_flight`]: "1\n",
  [`${STATS}/io_ns`]: "9247011087720\n",
  [`${STATS}/read_byte_cnt`]: "979383912\n",
  "sys/class/scsi_tape/nst0/stats/in_flight": "1\n",
  "sys/class/scsi_tape/st0a/stats/in_flight": "1\n",
};

test("tapestats reads each drive once, even if it has several names", async () => {
  using host = hostTree(files);
  expect(await seriesFrom(tapestats, host)).toEqual([
    'node_tape_io_now{device="st0"} 1',
    'node_tape_io_others_total{device="st0"} 0',
    'node_tape_io_time_seconds_total{device="st0"} 9247.01108772',
    'node_tape_read_bytes_total{device="st0"} 9.79383912e+08',
    'node_tape_read_time_seconds_total{device="st0"} 0',
    'node_tape_reads_completed_total{device="st0"} 0',
    'node_tape_residual_total{device="st0"} 0',
    'node_tape_write_time_seconds_total{device="st0"} 0',
    'node_tape_writes_completed_total{device="st0"} 0',
    'node_tape_written_bytes_total{device="st0"} 0',
  ]);
  expect(await seriesFrom(tapestats, host, { "collector.tapestats.ignored-devices": "^st" })).toEqual([]);
});

test.each([
  ["without drives", {}],
  ["with a count that is none", { ...files, [`${STATS}/io_ns`]: "x" }],
])("tapestats has no success on a host %s", async (_, tree) => {
  using host = hostTree(tree);
  expect(await seriesFrom(tapestats, host)).toEqual(['node_scrape_collector_success{collector="tapestats"} 0']);
});
