import { ManualClock, memoryLogger } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { openCollection } from "../collection/collection.ts";
import { Settings } from "../settings.ts";
import { containerHost, type ContainerHost } from "../testing/container-host.ts";
import { pageOf } from "../testing/host-tree.ts";
import { containers } from "./containers.ts";

const CPUS = "sys/devices/system/cpu";
const NODE = "sys/devices/system/node/node0";

/** Writes the files of a machine with one socket and two cores of two threads each. The last thread is offline. */
function fourThreads(host: ContainerHost): void {
  host.write(`${CPUS}/online`, "0-2\n");
  for (const cpu of [0, 1, 2, 3]) {
    const core = cpu % 2;
    host.write(`${CPUS}/cpu${cpu}/topology/core_id`, `${core}\n`);
    host.write(`${CPUS}/cpu${cpu}/topology/physical_package_id`, "0\n");
    const cache = (index: number, files: Readonly<Record<string, string>>): void => {
      for (const [name, text] of Object.entries(files))
        host.write(`${CPUS}/cpu${cpu}/cache/index${index}/${name}`, text);
    };
    cache(0, { id: `${core}`, level: "1", size: "32K", type: "Data", shared_cpu_list: core === 0 ? "0,2" : "1" });
    cache(3, { id: "0", level: "3", size: "8192K", type: "Unified", shared_cpu_list: core === 0 ? "0-3" : "0-1" });
  }
}

async function topologyOf(host: ContainerHost, kinds: readonly string[] = ["cpu_topology"]): Promise<string[]> {
  const given = { "collector.containers.docker-socket": [], "collector.containers.more-metrics": kinds };
  const settings = Settings.of(containers.flags, given);
  const options = { files: host, settings, clock: new ManualClock(), logger: memoryLogger(), timeLimitMs: 1000 };
  return (await pageOf(openCollection([containers], options)))
    .split("\n")
    .filter((line) => /^machine_(?:cpu_cache|node|thread)_/.test(line))
    .map((line) => line.replace(/(?:boot_id|machine_id|system_uuid)="[^"]*",?/g, "").replace(",}", "}"));
}

test("the nodes of the machine show their caches, threads, memory, huge pages and distances if they are asked for", async () => {
  using host = containerHost(2);
  fourThreads(host);
  for (const cpu of [0, 1, 2, 3]) host.write(`${NODE}/cpu${cpu}/online`, "1\n");
  host.write(`${NODE}/meminfo`, "Node 0 MemTotal:   2048 kB\nNode 0 MemFree: 1 kB\n");
  host.write(`${NODE}/hugepages/hugepages-2048kB/nr_hugepages`, "5\n");
  host.write(`${NODE}/distance`, "10\n");
  expect(await topologyOf(host)).toEqual([
    'machine_cpu_cache_capacity_bytes{core_id="",level="3",node_id="0",type="Unified"} 8.388608e+06',
    'machine_cpu_cache_capacity_bytes{core_id="0",level="1",node_id="0",type="Data"} 32768',
    'machine_cpu_cache_capacity_bytes{core_id="1",level="1",node_id="0",type="Data"} 32768',
    'machine_node_distance{node_id="0",target_node_id="0"} 10',
    'machine_node_hugepages_count{node_id="0",page_size="2048"} 5',
    'machine_node_memory_capacity_bytes{node_id="0"} 2.097152e+06',
    'machine_thread_siblings_count{core_id="0",node_id="0",thread_id="0"} 2',
    'machine_thread_siblings_count{core_id="0",node_id="0",thread_id="2"} 2',
    'machine_thread_siblings_count{core_id="1",node_id="0",thread_id="1"} 1',
  ]);
  expect(await topologyOf(host, [])).toEqual([]);
});

test("on a kernel without nodes, a socket is the node", async () => {
  using host = containerHost(2);
  fourThreads(host);
  expect((await topologyOf(host)).filter((line) => !line.startsWith("machine_cpu"))).toEqual([
    'machine_thread_siblings_count{core_id="0",node_id="0",thread_id="0"} 2',
    'machine_thread_siblings_count{core_id="0",node_id="0",thread_id="2"} 2',
    'machine_thread_siblings_count{core_id="1",node_id="0",thread_id="1"} 1',
  ]);
});

test("two cores of a node that have the same number show a cache once", async () => {
  using host = containerHost(2);
  for (const socket of [0, 1]) {
    const cpu = `${CPUS}/cpu${socket}`;
    host.write(`${NODE}/cpu${socket}/online`, "1\n");
    host.write(`${cpu}/topology/core_id`, "0\n");
    host.write(`${cpu}/topology/physical_package_id`, `${socket}\n`);
    for (const [name, text] of Object.entries({ level: "1", size: "32K", type: "Data", shared_cpu_list: `${socket}` }))
      host.write(`${cpu}/cache/index0/${name}`, text);
  }
  expect((await topologyOf(host)).filter((line) => line.startsWith("machine_cpu"))).toEqual([
    'machine_cpu_cache_capacity_bytes{core_id="0",level="1",node_id="0",type="Data"} 32768',
  ]);
});
