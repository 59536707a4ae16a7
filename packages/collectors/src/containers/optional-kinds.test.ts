import { ManualClock, memoryLogger } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { openCollection } from "../collection/collection.ts";
import { pageSize } from "../memory/page-size.ts";
import { Settings } from "../settings.ts";
import { containerHost, type ContainerHost, containerId } from "../testing/container-host.ts";
import { pageOf } from "../testing/host-tree.ts";
import { containers } from "./containers.ts";

const WEB = containerId("aaa");
const FAMILY = /^container_(?:cpu_schedstat|hugetlb|memory_numa|memory_migrate|network_(?:advance|tcp|udp)|referenced)/;

/** Returns exported lines of optional kinds for one group, without the labels that all series have. */
async function shown(host: ContainerHost, kinds: readonly string[], id: string): Promise<readonly string[]> {
  return scraper(host, kinds)(id);
}

/** Opens a collector. Returns a function that scrapes and returns the lines of one group in the form of `shown()`. */
function scraper(host: ContainerHost, kinds: readonly string[]): (id: string) => Promise<readonly string[]> {
  const given = { "collector.containers.docker-socket": [], "collector.containers.more-metrics": kinds };
  const settings = Settings.of(containers.flags, given);
  const options = { files: host, settings, clock: new ManualClock(), logger: memoryLogger(), timeLimitMs: 1000 };
  const collection = openCollection([containers], options);
  return async (id) =>
    (await pageOf(collection))
      .split("\n")
      .filter((line) => FAMILY.test(line) && line.includes(`id="${id}"`))
      .map((line) => line.replace("container_", "").replace(/(?:id|image|name|container)="[^"]*",?/g, ""))
      .map((line) => line.replace("{}", "").replace(",}", "}"));
}

function pages(host: ContainerHost): void {
  for (const size of [64, 2048, 1_048_576])
    host.write(`sys/kernel/mm/hugepages/hugepages-${size}kB/nr_hugepages`, "0\n");
}

test("huge pages, NUMA pages and the migration of memory are read from version 1 if they are asked for", async () => {
  using host = containerHost(1);
  pages(host);
  host.group("/docker");
  const write = (controller: string, files: Readonly<Record<string, string>>): void => {
    for (const [file, text] of Object.entries(files)) host.write(`sys/fs/cgroup/${controller}/docker/${file}`, text);
  };
  write("hugetlb", {
    "hugetlb.2MB.usage_in_bytes": "4194304\n",
    "hugetlb.2MB.max_usage_in_bytes": "8388608\n",
    "hugetlb.2MB.failcnt": "3\n",
  });
  write("memory", { "memory.numa_stat": "total=7 N0=3 N1=4\nfile=3 N0=1 N1=2\nhierarchical_anon=5 N0=5 N1=0\n" });
  write("cpuset", { "cpuset.memory_migrate": "1\n" });
  expect(await shown(host, ["hugetlb", "memory_numa", "cpuset"], "/docker")).toEqual([
    'hugetlb_failcnt{pagesize="2MB"} 3',
    'hugetlb_max_usage_bytes{pagesize="2MB"} 8.388608e+06',
    'hugetlb_usage_bytes{pagesize="2MB"} 4.194304e+06',
    "memory_migrate 1",
    'memory_numa_pages{node="0",scope="container",type="file"} 1',
    'memory_numa_pages{node="0",scope="hierarchy",type="anon"} 5',
    'memory_numa_pages{node="1",scope="container",type="file"} 2',
    'memory_numa_pages{node="1",scope="hierarchy",type="anon"} 0',
  ]);
  expect(await shown(host, [], "/docker")).toEqual([]);
});

test("huge pages of version 2 are named by their size", async () => {
  using host = containerHost(2);
  pages(host);
  host.group("/s", {
    "hugetlb.1GB.current": "0\n",
    "hugetlb.1GB.events": "max 2\n",
    "hugetlb.64KB.current": "65536\n",
  });
  expect(await shown(host, ["hugetlb"], "/s")).toEqual([
    'hugetlb_failcnt{pagesize="1GB"} 2',
    'hugetlb_usage_bytes{pagesize="1GB"} 0',
    'hugetlb_usage_bytes{pagesize="64KB"} 65536',
  ]);
});

test("TCP and UDP sockets of a container are counted by state if they are asked for", async () => {
  using host = containerHost(2);
  host.group(`/docker/${WEB}`, { "cgroup.procs": "10\n" });
  host.process(10, 1);
  const row = (state: string, queues = "00000000:00000000", rest = "0 0 0 2 x"): string =>
    `   0: 0100007F:1F90 00000000:0000 ${state} ${queues} 00:00000000 00000000     0        ${rest}\n`;
  host.write("proc/10/net/tcp", `  sl  local_address\n${row("0A")}${row("01")}${row("01")}${row("0C")}`);
  host.write("proc/10/net/udp6", `  sl  local_address\n${row("07", "00000010:00000003", "0 1 2 x 5")}${row("01")}`);
  const lines = await shown(host, ["tcp", "udp"], `/docker/${WEB}`);
  expect(lines.filter((line) => !line.endsWith(" 0"))).toEqual([
    'network_tcp_usage_total{tcp_state="established"} 2',
    'network_tcp_usage_total{tcp_state="listen"} 1',
    'network_udp6_usage_total{udp_state="dropped"} 5',
    'network_udp6_usage_total{udp_state="listen"} 1',
    'network_udp6_usage_total{udp_state="rxqueued"} 3',
    'network_udp6_usage_total{udp_state="txqueued"} 16',
  ]);
  expect(lines).toHaveLength(11 + 4);
  expect(await shown(host, ["udp"], `/docker/${WEB}`)).toHaveLength(4);
});

test("the scheduling of processes includes the groups below and processes that have ended", async () => {
  using host = containerHost(2);
  host.group("/s", { "cgroup.procs": "10\n11\n" });
  host.group("/s/below", { "cgroup.procs": "12\n" });
  for (const pid of [10, 11, 12]) host.write(`proc/${pid}/schedstat`, `${pid}00000000 2000000000 ${pid}\n`);
  const scrape = scraper(host, ["sched"]);
  expect(await scrape("/s")).toEqual([
    "cpu_schedstat_run_periods_total 33",
    "cpu_schedstat_run_seconds_total 3.3",
    "cpu_schedstat_runqueue_seconds_total 6",
  ]);
  // Process 11 has ended, process 10 continues, and the id 12 now belongs to another process.
  host.group("/s", { "cgroup.procs": "10\n" });
  host.write("proc/10/schedstat", "1500000000 2000000000 15\n");
  host.write("proc/12/schedstat", "100000000 0 1\n");
  expect(await scrape("/s")).toEqual([
    "cpu_schedstat_run_periods_total 39",
    "cpu_schedstat_run_seconds_total 3.9",
    "cpu_schedstat_runqueue_seconds_total 6",
  ]);
  expect(await shown(host, [], "/s")).toEqual([]);
});

test("NUMA pages of version 2 are counted with the groups below", async () => {
  using host = containerHost(2);
  host.group("/s", {
    "memory.numa_stat": "anon N0=40960 N1=0\nfile N0=8192\nkernel_stack N0=4096\nunevictable N1=4096\n",
  });
  const lines = await shown(host, ["memory_numa"], "/s");
  const pages = (bytes: number): number => bytes / pageSize();
  expect(lines).toEqual([
    `memory_numa_pages{node="0",scope="hierarchy",type="anon"} ${pages(40_960)}`,
    `memory_numa_pages{node="0",scope="hierarchy",type="file"} ${pages(8192)}`,
    'memory_numa_pages{node="1",scope="hierarchy",type="anon"} 0',
    `memory_numa_pages{node="1",scope="hierarchy",type="unevictable"} ${pages(4096)}`,
  ]);
  expect(await shown(host, [], "/s")).toEqual([]);
});

test("the TCP counters of a container have cAdvisor's names; counters that cAdvisor lacks are not shown", async () => {
  using host = containerHost(2);
  host.group(`/docker/${WEB}`, { "cgroup.procs": "10\n" });
  host.process(10, 1);
  host.write(
    "proc/10/net/netstat",
    "TcpExt: SyncookiesSent TW TCPFutureCounter\nTcpExt: 3 4 5\nIpExt: InNoRoutes\nIpExt: 6\n",
  );
  host.write("proc/10/net/snmp", "Ip: Forwarding\nIp: 1\nTcp: MaxConn RetransSegs\nTcp: -1 7\nUdp: InErrors\nUdp: 8\n");
  const lines = await shown(host, ["advtcp"], `/docker/${WEB}`);
  expect(lines).toEqual([
    'network_advance_tcp_stats_total{tcp_state="maxconn"} -1',
    'network_advance_tcp_stats_total{tcp_state="retranssegs"} 7',
    'network_advance_tcp_stats_total{tcp_state="syncookiessent"} 3',
    'network_advance_tcp_stats_total{tcp_state="tw"} 4',
  ]);
  expect(await shown(host, [], `/docker/${WEB}`)).toEqual([]);
});

test("a process with malformed TCP counters does not hide the counters of other containers", async () => {
  using host = containerHost(2);
  const other = containerId("bbb");
  for (const [pid, id] of [
    [10, WEB],
    [11, other],
  ] as const) {
    host.group(`/docker/${id}`, { "cgroup.procs": `${pid}\n` });
    host.process(pid, pid);
  }
  host.write("proc/10/net/netstat", "TcpExt: SyncookiesSent TW\nTcpExt: 3\n");
  host.write("proc/11/net/netstat", "TcpExt: TW\nTcpExt: 4\n");
  expect(await shown(host, ["advtcp"], `/docker/${WEB}`)).toEqual([]);
  expect(await shown(host, ["advtcp"], `/docker/${other}`)).toEqual([
    'network_advance_tcp_stats_total{tcp_state="tw"} 4',
  ]);
});

test("referenced memory is the sum over the processes of a group", async () => {
  using host = containerHost(2);
  host.group("/s", { "cgroup.procs": "10\n11\n12\n" });
  host.write("proc/10/smaps_rollup", "00400000-7ff [rollup]\nRss: 900 kB\nReferenced:          100 kB\n");
  host.write("proc/11/smaps", "00400000-7ff\nReferenced:  3 kB\nAnonymous: 9 kB\n7ff\nReferenced:  4 kB\n");
  expect(await shown(host, ["referenced_memory"], "/s")).toEqual([`referenced_bytes ${107 * 1024}`]);
  expect(await shown(host, ["referenced_memory"], "/")).toEqual([]);
  expect(await shown(host, [], "/s")).toEqual([]);
});
