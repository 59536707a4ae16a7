import { expect, test } from "vitest";
import { hostTree, seriesFrom } from "../testing/host-tree.ts";
import { nvmesubsystem } from "./nvmesubsystem.ts";

const SUBSYSTEM = "sys/class/nvme-subsystem/nvme-subsys0";
const files = {
  [`${SUBSYSTEM}/subsysnqn`]: "nqn.2014-08.org.nvmexpress:uuid:1\n",
  [`${SUBSYSTEM}/model`]: "PowerStore\n",
  [`${SUBSYSTEM}/serial`]: "SN1\n",
  [`${SUBSYSTEM}/iopolicy`]: "round-robin\n",
  [`${SUBSYSTEM}/nvme0/state`]: "live\n",
  [`${SUBSYSTEM}/nvme0/transport`]: "tcp\n",
  [`${SUBSYSTEM}/nvme1/state`]: "deleting (no IO)\n",
  [`${SUBSYSTEM}/nvme1/transport`]: "fc\n",
  [`${SUBSYSTEM}/nvme2/state`]: "dreaming\n",
  [`${SUBSYSTEM}/nvme2/transport`]: "rdma\n",
  [`${SUBSYSTEM}/nvme0n1/size`]: "1\n",
  [`${SUBSYSTEM}/nvme0c0n1/size`]: "1\n",
  "sys/class/nvme-subsystem/elsewhere/model": "x\n",
};

test("nvmesubsystem shows the number of live paths of a subsystem", async () => {
  using host = hostTree(files);
  const series = await seriesFrom(nvmesubsystem, host);
  expect(series.filter((line) => !line.endsWith(" 0"))).toEqual([
    'node_nvmesubsystem_info{iopolicy="round-robin",model="PowerStore",nqn="nqn.2014-08.org.nvmexpress:uuid:1",serial="SN1",subsystem="nvme-subsys0"} 1',
    'node_nvmesubsystem_namespace_info{device="nvme0n1",subsystem="nvme-subsys0"} 1',
    'node_nvmesubsystem_path_state{controller="nvme0",state="live",subsystem="nvme-subsys0",transport="tcp"} 1',
    'node_nvmesubsystem_path_state{controller="nvme1",state="deleting",subsystem="nvme-subsys0",transport="fc"} 1',
    'node_nvmesubsystem_path_state{controller="nvme2",state="unknown",subsystem="nvme-subsys0",transport="rdma"} 1',
    'node_nvmesubsystem_paths{subsystem="nvme-subsys0"} 3',
    'node_nvmesubsystem_paths_live{subsystem="nvme-subsys0"} 1',
  ]);
  expect(series.filter((line) => line.startsWith("node_nvmesubsystem_path_state"))).toHaveLength(21);
});

test.each([
  ["no subsystem class", {}],
  ["a controller that says nothing of its state", { ...files, [`${SUBSYSTEM}/nvme3/transport`]: "tcp\n" }],
])("nvmesubsystem has no success on a host with %s", async (_, tree) => {
  using host = hostTree(tree);
  expect(await seriesFrom(nvmesubsystem, host)).toEqual(['node_scrape_collector_success{collector="nvmesubsystem"} 0']);
});
