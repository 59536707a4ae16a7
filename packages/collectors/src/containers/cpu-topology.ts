import type { Steps } from "@narthex/runtime";
import type { FileTree } from "../host-files/host-files.ts";
import { rangeListOf } from "../host-files/kernel-text.ts";
import { keyedValue } from "./cgroup-file.ts";

/** A CPU cache. */
interface Cache {
  readonly bytes: number;
  readonly type: string;
  readonly level: number;
  /** Number of hardware threads that share the cache. */
  readonly threads: number;
}

interface Core {
  readonly id: number;
  readonly socket: number;
  /** Numbers of the logical CPUs. */
  readonly threads: number[];
  readonly caches: readonly Cache[];
}

/** A NUMA node of the machine, or a socket if the kernel does not list nodes. */
export interface CpuNode {
  readonly id: number;
  readonly cores: readonly Core[];
  /** Caches that all threads of the node share. */
  readonly caches: readonly Cache[];
  /** Undefined for a socket. */
  readonly memoryBytes: number | undefined;
  readonly hugePages: readonly { readonly kilobytes: string; readonly count: number }[];
  /** Distances to all NUMA nodes, in the order of the nodes. */
  readonly distances: readonly string[];
}

const CPUS = "devices/system/cpu";
const NODES = "devices/system/node";

/** Highest level of the caches that belong to one core. */
const MAX_CORE_LEVEL = 2;

/** Reads the machine's NUMA nodes as cAdvisor does. Yields after each CPU. */
export function* readingCpuNodes(sys: FileTree): Steps<readonly CpuNode[]> {
  const nodes: CpuNode[] = [];
  const ids = numbersOf(sys.list(NODES), /^node(\d+)$/);
  if (ids.length === 0) {
    const cores = yield* readingCores(sys, numbersOf(sys.list(CPUS), /^cpu(\d+)$/));
    for (const [id, ofSocket] of Map.groupBy(cores, ({ socket }) => socket))
      nodes.push({ id, ...separated(ofSocket), memoryBytes: undefined, hugePages: [], distances: [] });
    return nodes;
  }
  for (const id of ids) {
    const folder = `${NODES}/node${id}`;
    const cores = yield* readingCores(sys, numbersOf(sys.list(folder), /^cpu(\d+)$/));
    nodes.push({
      id,
      ...separated(cores),
      memoryBytes: memoryOf(sys.value(`${folder}/meminfo`) ?? "", id),
      hugePages: hugePagesOf(sys, `${folder}/hugepages`),
      distances: sys.value(`${folder}/distance`)?.split(/\s+/) ?? [],
    });
  }
  return nodes;
}

const numbersOf = (names: readonly string[], pattern: RegExp): readonly number[] =>
  names
    .flatMap((name) => pattern.exec(name)?.[1] ?? [])
    .map(Number)
    .toSorted((a, b) => a - b);

function* readingCores(sys: FileTree, cpus: readonly number[]): Steps<readonly Core[]> {
  const list = sys.value(`${CPUS}/online`);
  const online = list === undefined ? undefined : new Set(rangeListOf(list));
  const cores = new Map<string, Core>();
  for (const cpu of cpus) {
    yield;
    const number = (name: string): number => Number(sys.value(`${CPUS}/cpu${cpu}/topology/${name}`) ?? Number.NaN);
    const [id, socket] = [number("core_id"), number("physical_package_id")];
    if (online?.has(cpu) === false || Number.isNaN(id) || Number.isNaN(socket)) continue;
    const known = cores.get(`${socket}/${id}`);
    if (known === undefined) cores.set(`${socket}/${id}`, { id, socket, threads: [cpu], caches: cachesOf(sys, cpu) });
    else known.threads.push(cpu);
  }
  return [...cores.values()];
}

function cachesOf(sys: FileTree, cpu: number): readonly Cache[] {
  const folder = `${CPUS}/cpu${cpu}/cache`;
  return numbersOf(sys.list(folder), /^index(\d+)$/).flatMap((index) => {
    const value = (name: string): string => sys.value(`${folder}/index${index}/${name}`) ?? "";
    const kilobytes = /^(\d+)K$/.exec(value("size"))?.[1];
    if (kilobytes === undefined) return [];
    return {
      bytes: Number(kilobytes) * 1024,
      type: value("type"),
      level: Number(value("level")),
      threads: rangeListOf(value("shared_cpu_list")).length,
    };
  });
}

/** Separates the caches of the cores from those of the node. Omits caches that a different number of threads shares. */
function separated(cores: readonly Core[]): Pick<CpuNode, "cores" | "caches"> {
  const ofNode = new Map<string, Cache>();
  const separate = cores.map((core) => {
    const threadsOfNode = cores.length * core.threads.length;
    for (const cache of core.caches) {
      if (cache.level > MAX_CORE_LEVEL && cache.threads === threadsOfNode)
        ofNode.set([cache.type, cache.level].join(), cache);
    }
    const caches = core.caches.filter(({ level, threads }) =>
      level > MAX_CORE_LEVEL ? threads !== threadsOfNode : threads === core.threads.length,
    );
    return { ...core, caches };
  });
  return { cores: separate, caches: [...ofNode.values()] };
}

/** Returns the total memory from a file with lines such as `Node 0 MemTotal: 1024 kB`. */
function memoryOf(meminfo: string, node: number): number {
  const kilobytes = keyedValue(meminfo.replaceAll(":", " "), `Node ${node} MemTotal`);
  return Number.isNaN(kilobytes) ? 0 : kilobytes * 1024;
}

const hugePagesOf = (sys: FileTree, folder: string): CpuNode["hugePages"] =>
  sys.list(folder).flatMap((name) => {
    const kilobytes = /^hugepages-(\d+)kB$/.exec(name)?.[1];
    const count = Number(sys.value(`${folder}/${name}/nr_hugepages`) ?? Number.NaN);
    return kilobytes === undefined || Number.isNaN(count) ? [] : { kilobytes, count };
  });
