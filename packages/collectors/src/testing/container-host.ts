import { createServer, type Server } from "node:http";
import { join } from "node:path";
import { type HostTree, hostTree } from "./host-tree.ts";

/** Returns 64 hexadecimal digits that begin with the given digits. */
export const containerId = (start: string): string => start.padEnd(64, "0");

const lines = (values: Readonly<Record<string, number | string>>): string =>
  Object.entries(values)
    .map(([key, value]) => `${key} ${value}\n`)
    .join("");

/** Default files of a control group in cgroup version 2. */
const V2_FILES: Readonly<Record<string, string>> = {
  "cgroup.procs": "",
  "cpu.stat": lines({ usage_usec: 3_000_000, user_usec: 2_000_000, system_usec: 1_000_000, nr_periods: 0 }),
  "cpu.max": "max 100000\n",
  "cpu.weight": "100\n",
  "memory.current": "104857600\n",
  "memory.peak": "209715200\n",
  "memory.max": "max\n",
  "memory.low": "0\n",
  "memory.swap.max": "max\n",
  "memory.swap.current": "4096\n",
  "memory.stat": lines({
    anon: 50_000_000,
    file: 40_000_000,
    kernel: 3_000_000,
    file_mapped: 7_000_000,
    file_dirty: 8192,
    file_writeback: 0,
    inactive_file: 30_000_000,
    active_file: 10_000_000,
    workingset_refault_anon: 3,
    workingset_refault_file: 4,
    pgscan: 11,
    pgsteal: 9,
    pgfault: 1234,
    pgmajfault: 5,
  }),
  "memory.events": lines({ low: 0, high: 2, max: 7, oom: 1, oom_kill: 1 }),
  "io.stat":
    "8:0 rbytes=4096 wbytes=8192 rios=1 wios=2 dbytes=0 dios=0 cost.usage=1500000 cost.wait=2 cost.indebt=0 cost.indelay=7\n7:1 \n",
  "pids.current": "3\n",
  "pids.max": "max\n",
  "cpu.pressure":
    "some avg10=0.00 avg60=0.00 avg300=0.00 total=1500000\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=500000\n",
  "memory.pressure":
    "some avg10=0.00 avg60=0.00 avg300=0.00 total=10\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=5\n",
  "io.pressure": "some avg10=0.00 avg60=0.00 avg300=0.00 total=20\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=15\n",
};

/** Default files of a control group in cgroup version 1, by hierarchy. */
const V1_FILES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "cpu,cpuacct": {
    "cgroup.procs": "",
    "cpuacct.usage": "3500000000\n",
    "cpuacct.usage_percpu": "2500000000 0 1000000000 \n",
    "cpuacct.stat": lines({ user: 200, system: 100 }),
    "cpu.stat": lines({ nr_periods: 10, nr_throttled: 4, throttled_time: 250_000_000, nr_bursts: 0, burst_time: 0 }),
    "cpu.shares": "1024\n",
    "cpu.cfs_period_us": "100000\n",
    "cpu.cfs_quota_us": "-1\n",
  },
  memory: {
    "cgroup.procs": "",
    "memory.usage_in_bytes": "104857600\n",
    "memory.max_usage_in_bytes": "209715200\n",
    "memory.failcnt": "6\n",
    "memory.kmem.usage_in_bytes": "65536\n",
    "memory.limit_in_bytes": "9223372036854771712\n",
    "memory.memsw.limit_in_bytes": "9223372036854771712\n",
    "memory.soft_limit_in_bytes": "9223372036854771712\n",
    "memory.oom_control": lines({ oom_kill_disable: 0, under_oom: 0, oom_kill: 2 }),
    "memory.stat": lines({
      cache: 1,
      rss: 2,
      pgfault: 100,
      pgmajfault: 10,
      total_cache: 40_000_000,
      total_rss: 50_000_000,
      total_swap: 4096,
      total_mapped_file: 7_000_000,
      total_pgfault: 1234,
      total_pgmajfault: 50,
      total_inactive_file: 30_000_000,
      total_active_file: 10_000_000,
    }),
  },
  blkio: {
    "cgroup.procs": "",
    "blkio.throttle.io_service_bytes": "8:0 Read 4096\n8:0 Write 8192\n8:0 Sync 12288\n8:0 Total 12288\nTotal 12288\n",
    "blkio.throttle.io_serviced": "8:0 Read 1\n8:0 Write 2\n8:0 Sync 3\n8:0 Total 3\nTotal 3\n",
  },
  pids: { "cgroup.procs": "", "pids.current": "3\n", "pids.max": "100\n" },
};

export interface ContainerHost extends HostTree {
  /**
   * Creates a control group in the host's cgroup version. The given files replace the default files of the same name.
   */
  group(path: string, files?: Readonly<Record<string, string>>): void;
  /** Creates a process in its own network namespace, with one interface in addition to lo. */
  process(pid: number, receivedBytes: number): void;
}

/** Returns a simulated host that has only the root control group. */
export function containerHost(version: 1 | 2): ContainerHost {
  const tree = hostTree({
    "proc/stat": "btime 1700000000\n",
    "proc/meminfo":
      "MemTotal:       1000 kB\nMemFree:         400 kB\nSwapTotal:       100 kB\nSwapFree:         90 kB\n",
    "proc/cpuinfo":
      "processor\t: 0\nphysical id\t: 0\ncore id\t\t: 0\n\nprocessor\t: 1\nphysical id\t: 0\ncore id\t\t: 0\n",
    "proc/sys/kernel/random/boot_id": "boot\n",
    "proc/sys/kernel/osrelease": "6.1.0\n",
    "root/etc/machine-id": "machine\n",
    "root/etc/os-release": 'PRETTY_NAME="Some Linux 1"\n',
    "sys/devices/pci/block/sda/dev": "8:0\n",
  });
  tree.link("sys/dev/block/8:0", "../../devices/pci/block/sda");
  const host: ContainerHost = {
    ...tree,
    group(path, files = {}) {
      if (version === 2)
        for (const [file, text] of Object.entries({ ...V2_FILES, ...files })) put("", path, file, text);
      else for (const [mount, own] of Object.entries(V1_FILES)) putV1(mount, path, own, files);
    },
    process(pid, receivedBytes) {
      const head = "Inter-|   Receive\n face |bytes\n";
      const row = (name: string, bytes: number): string => `${name}: ${bytes} 2 3 4 0 0 0 0 50 6 7 8 0 0 0 0\n`;
      tree.write(`proc/${pid}/net/dev`, `${head}    lo${row("", 9)}  eth0${row("", receivedBytes)}vethx${row("", 1)}`);
      tree.write(
        `proc/${pid}/limits`,
        "Max open files            1024                 4096                 files     \n",
      );
      tree.write(`proc/${pid}/fd/0`, "");
      tree.link(`proc/${pid}/fd/3`, "socket:[123]");
    },
  };
  const put = (mount: string, path: string, file: string, text: string): void =>
    tree.write(join("sys/fs/cgroup", mount, path, file), text);
  const putV1 = (
    mount: string,
    path: string,
    own: Readonly<Record<string, string>>,
    given: Readonly<Record<string, string>>,
  ): void => {
    for (const [file, text] of Object.entries(own)) put(mount, path, file, given[file] ?? text);
  };
  if (version === 2) {
    put("", "", "cgroup.controllers", "cpu io memory pids\n");
    for (const file of ["cgroup.procs", "cpu.stat", "memory.stat", "io.stat"]) put("", "", file, V2_FILES[file]!);
  } else {
    host.group("");
    tree.link("sys/fs/cgroup/cpu", "cpu,cpuacct");
    tree.link("sys/fs/cgroup/cpuacct", "cpu,cpuacct");
  }
  host.process(1, 1000);
  return host;
}

/** A container in a simulated engine's answers. */
interface FakeContainer {
  readonly Id: string;
  readonly Names: readonly string[];
  readonly Image: string;
  readonly Labels?: Readonly<Record<string, string>>;
  readonly Created?: number;
  readonly Status?: string;
  readonly SizeRw?: number;
  readonly StartedAt?: string;
  readonly RestartCount?: number;
  readonly Env?: readonly string[];
}

/** A simulated container engine with Docker's API on a Unix socket. */
export interface FakeEngine extends AsyncDisposable {
  readonly socket: string;
  containers: readonly FakeContainer[];
  /** Pattern of the requests that the engine accepts but never answers. */
  silentOn: RegExp | undefined;
  /** Paths that were requested. */
  readonly requests: string[];
}

/** Starts an engine that answers with the given containers. */
export async function fakeEngine(folder: string): Promise<FakeEngine> {
  const socket = join(folder, "engine.sock");
  const requests: string[] = [];
  const server: Server = createServer((request, response) => {
    requests.push(request.url!);
    if (engine.silentOn?.test(request.url!) === true) return;
    const answer = answerTo(request.url!, engine.containers);
    response.writeHead(answer === undefined ? 404 : 200, { "content-type": "application/json" });
    response.end(JSON.stringify(answer ?? { message: "No such container" }));
  });
  const engine: FakeEngine = {
    socket,
    containers: [],
    silentOn: undefined,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  return engine;
}

function answerTo(url: string, containers: readonly FakeContainer[]): unknown {
  if (url === "/info") return { ServerVersion: "26.1.5", DockerRootDir: "/var/lib/docker" };
  const isSized = url.endsWith("?size=1");
  if (url.startsWith("/containers/json"))
    return containers.map(({ SizeRw, ...rest }) => ({
      Created: 1_700_000_100,
      Status: "Up 2 hours",
      Labels: {},
      ...rest,
      ...(isSized ? { SizeRw: SizeRw ?? 0 } : {}),
    }));
  const found = containers.find(({ Id }) => url === `/containers/${Id}/json`);
  if (found === undefined) return undefined;
  return {
    State: { StartedAt: found.StartedAt ?? "2023-11-14T22:15:01.5Z" },
    RestartCount: found.RestartCount ?? 0,
    Config: { Image: found.Image, Env: found.Env ?? [] },
  };
}
