import { expect, test } from "vitest";
import { hostTree, seriesFrom } from "../testing/host-tree.ts";
import { btrfs } from "./btrfs.ts";

const FS = "sys/fs/btrfs/7f07c59f-6136";
const files = {
  [`${FS}/label`]: "fixture\n",
  [`${FS}/metadata_uuid`]: "7f07c59f-6136-449c\n",
  [`${FS}/devices/sda/size`]: "20971520\n",
  [`${FS}/devices/sdb/size`]: "20971520\n",
  [`${FS}/devices/sdc/size`]: "20971520\n",
  [`${FS}/allocation/global_rsv_size`]: "16777216\n",
  [`${FS}/allocation/data/bytes_reserved`]: "4096\n",
  [`${FS}/allocation/data/raid5/total_bytes`]: "644087808\n",
  [`${FS}/allocation/data/raid5/used_bytes`]: "644087807\n",
  [`${FS}/allocation/metadata/raid1c3/total_bytes`]: "429391872\n",
  [`${FS}/allocation/system/raid0/total_bytes`]: "16777216\n",
  [`${FS}/commit_stats`]: "commits 258051\nlast_commit_ms 1000\nmax_commit_ms 51462\ntotal_commit_ms 47836090\n",
  "proc/self/mountinfo": "22 1 0:21 / /elsewhere rw - btrfs /dev/sda rw\n",
};

test("btrfs shows the data of /sys if no mount point can be asked", async () => {
  using host = hostTree(files);
  const series = (await seriesFrom(btrfs, host)).map((line) => line.replaceAll('uuid="7f07c59f-6136-449c"', "U"));
  expect(series).toEqual([
    'node_btrfs_allocation_ratio{block_group_type="data",mode="raid5",U} 1.5',
    'node_btrfs_allocation_ratio{block_group_type="metadata",mode="raid1c3",U} 3',
    'node_btrfs_allocation_ratio{block_group_type="system",mode="raid0",U} 1',
    "node_btrfs_commit_seconds_total{U} 47836.09",
    "node_btrfs_commits_total{U} 258051",
    'node_btrfs_device_size_bytes{device="sda",U} 1.073741824e+10',
    'node_btrfs_device_size_bytes{device="sdb",U} 1.073741824e+10',
    'node_btrfs_device_size_bytes{device="sdc",U} 1.073741824e+10',
    "node_btrfs_global_rsv_size_bytes{U} 1.6777216e+07",
    'node_btrfs_info{label="fixture",U} 1',
    "node_btrfs_last_commit_seconds{U} 1",
    "node_btrfs_max_commit_seconds{U} 51.462",
    'node_btrfs_reserved_bytes{block_group_type="data",U} 4096',
    'node_btrfs_reserved_bytes{block_group_type="metadata",U} 0',
    'node_btrfs_reserved_bytes{block_group_type="system",U} 0',
    'node_btrfs_size_bytes{block_group_type="data",mode="raid5",U} 6.44087808e+08',
    'node_btrfs_size_bytes{block_group_type="metadata",mode="raid1c3",U} 4.29391872e+08',
    'node_btrfs_size_bytes{block_group_type="system",mode="raid0",U} 1.6777216e+07',
    'node_btrfs_used_bytes{block_group_type="data",mode="raid5",U} 6.44087807e+08',
    'node_btrfs_used_bytes{block_group_type="metadata",mode="raid1c3",U} 0',
    'node_btrfs_used_bytes{block_group_type="system",mode="raid0",U} 0',
  ]);
});

test("btrfs omits the disk's own UUID for filesystems without a mount point", async () => {
  using host = hostTree({ ...files, "proc/self/mountinfo": "" });
  expect((await seriesFrom(btrfs, host)).filter((line) => line.includes("btrfs_dev_uuid"))).toEqual([]);
});

test("btrfs fails as a whole if it cannot read a commit_stats file", async () => {
  using host = hostTree({ ...files, [`${FS}/commit_stats`]: "commits\n" });
  expect(await seriesFrom(btrfs, host)).toEqual(['node_scrape_collector_success{collector="btrfs"} 0']);
});

test("btrfs does not fail on a host without btrfs", async () => {
  using host = hostTree({ "sys/fs/btrfs/features/raid1c34": "1\n" });
  expect(await seriesFrom(btrfs, host)).toEqual([]);
});
