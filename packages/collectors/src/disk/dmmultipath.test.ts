import { expect, test } from "vitest";
import { hostTree, seriesFrom } from "../testing/host-tree.ts";
import { dmmultipath } from "./dmmultipath.ts";

const files = {
  "sys/block/dm-5/dm/name": "mpathA\n",
  "sys/block/dm-5/dm/uuid": "mpath-3600\n",
  "sys/block/dm-5/dm/suspended": "0\n",
  "sys/block/dm-5/size": "2048\n",
  "sys/block/dm-5/slaves/sdi/size": "2048\n",
  "sys/block/dm-5/slaves/nvme1n1/size": "2048\n",
  "sys/block/dm-5/slaves/sdj/size": "2048\n",
  "sys/block/sdi/device/state": "running\n",
  "sys/block/nvme1n1/device/state": "live\n",
  "sys/block/sdj/device/state": "offline\n",
  "sys/block/dm-0/dm/uuid": "LVM-abc\n",
  "sys/block/dm-1/size": "1\n",
};

test("dmmultipath counts the paths of multipath devices, and ignores other volumes", async () => {
  using host = hostTree(files);
  expect(await seriesFrom(dmmultipath, host)).toEqual([
    'node_dmmultipath_device_active{device="mpathA",sysfs_name="dm-5"} 1',
    'node_dmmultipath_device_info{device="mpathA",sysfs_name="dm-5",uuid="mpath-3600"} 1',
    'node_dmmultipath_device_paths{device="mpathA",sysfs_name="dm-5"} 3',
    'node_dmmultipath_device_paths_active{device="mpathA",sysfs_name="dm-5"} 2',
    'node_dmmultipath_device_paths_failed{device="mpathA",sysfs_name="dm-5"} 1',
    'node_dmmultipath_device_size_bytes{device="mpathA",sysfs_name="dm-5"} 1.048576e+06',
    'node_dmmultipath_path_state{device="mpathA",path="nvme1n1",state="live"} 1',
    'node_dmmultipath_path_state{device="mpathA",path="sdi",state="running"} 1',
    'node_dmmultipath_path_state{device="mpathA",path="sdj",state="offline"} 1',
  ]);
});

test("dmmultipath shows a suspended device, and a device whose paths are all gone", async () => {
  using host = hostTree({
    "sys/block/dm-5/dm/name": "mpathA\n",
    "sys/block/dm-5/dm/uuid": "mpath-3600\n",
    "sys/block/dm-5/dm/suspended": "1\n",
    "sys/block/dm-5/size": "0\n",
  });
  const series = await seriesFrom(dmmultipath, host);
  expect(series).toContain('node_dmmultipath_device_active{device="mpathA",sysfs_name="dm-5"} 0');
  expect(series).toContain('node_dmmultipath_device_paths{device="mpathA",sysfs_name="dm-5"} 0');
});

test.each([
  ["no block devices", {}],
  ["a path whose state is gone", { ...files, "sys/block/dm-5/slaves/sdz/size": "1\n" }],
  ["a size that is none", { ...files, "sys/block/dm-5/size": "big\n" }],
])("dmmultipath has no success on a host with %s", async (_, tree) => {
  using host = hostTree(tree);
  expect(await seriesFrom(dmmultipath, host)).toEqual(['node_scrape_collector_success{collector="dmmultipath"} 0']);
});
