import type { FileTree } from "../host-files/host-files.ts";
import { pageSize } from "../memory/page-size.ts";
import { type CgroupFiles, keyedValue } from "./cgroup-file.ts";
import type { Hierarchies } from "./cgroup-tree.ts";
import type { OptionalKind } from "./metric-kinds.ts";
import type { Reading } from "./reading.ts";

interface OptionalOptions {
  readonly isShown: (kind: OptionalKind) => boolean;
  readonly hierarchies: Hierarchies;
  /** Sizes of huge pages as in file names, for example `2MB`. */
  readonly pageSizes: readonly string[];
}

/** Reads the files of one control group for metrics that are exported only on request. */
export function readOptional(files: CgroupFiles, path: string, into: Reading, options: OptionalOptions): void {
  const { isShown, hierarchies, pageSizes } = options;
  const tail = path === "/" ? "" : path;
  const folder = (controller: string): string | undefined => {
    const root = hierarchies.folders.get(hierarchies.version === 2 ? "" : controller);
    return root === undefined ? undefined : root + tail;
  };
  const [hugetlb, memory, cpuset] = [folder("hugetlb"), folder("memory"), folder("cpuset")];
  if (isShown("hugetlb") && hugetlb !== undefined) {
    for (const size of pageSizes) readPages(files, hugetlb, size, into, hierarchies.version);
  }
  if (isShown("memory_numa") && memory !== undefined)
    readNodes(files.read(memory, "memory.numa_stat") ?? "", into, hierarchies.version);
  if (isShown("cpuset") && cpuset !== undefined && hierarchies.version === 1)
    into.set("memoryMigrate", files.number(cpuset, "cpuset.memory_migrate"));
}

function readPages(files: CgroupFiles, folder: string, size: string, into: Reading, version: 1 | 2): void {
  const number = (name: string): number => files.number(folder, `hugetlb.${size}.${name}`);
  if (version === 2) {
    into.add("pagesUsage", number("current"), size);
    into.add("pagesFailed", keyedValue(files.read(folder, `hugetlb.${size}.events`) ?? "", "max"), size);
    return;
  }
  into.add("pagesUsage", number("usage_in_bytes"), size);
  into.add("pagesMax", number("max_usage_in_bytes"), size);
  into.add("pagesFailed", number("failcnt"), size);
}

const NODE_TYPES = ["file", "anon", "unevictable"] as const;

/**
 * Reads the pages per NUMA node from lines such as `hierarchical_file=3 N0=1 N1=2` (version 1). In version 2 the lines
 * are as `file N0=4096 N1=8192`, in bytes, and the numbers include the control groups below.
 */
function readNodes(text: string, into: Reading, version: 1 | 2): void {
  const unit = version === 2 ? pageSize() : 1;
  for (const line of text.split("\n")) {
    const [head = "", ...nodes] = line.split(" ");
    const name = head.split("=")[0]!;
    const type = name.replace("hierarchical_", "");
    if (!NODE_TYPES.some((one) => one === type)) continue;
    const scope = version === 1 && name === type ? "container" : "hierarchy";
    for (const node of nodes) {
      const [number = "", count] = node.split("=");
      into.add("nodePages", Number(count) / unit, number.slice(1), scope, type);
    }
  }
}

const PAGES = "kernel/mm/hugepages";
const UNITS = ["KB", "MB", "GB"];

/** Returns the sizes of the machine's huge pages, as files of control groups contain them in their names. */
export const pageSizesOf = (sys: FileTree): readonly string[] =>
  sys.list(PAGES).flatMap((name) => {
    const kilobytes = Number(/^hugepages-(\d+)kB$/.exec(name)?.[1] ?? Number.NaN);
    if (Number.isNaN(kilobytes)) return [];
    let [value, unit] = [kilobytes, 0];
    for (; value >= 1024 && unit < UNITS.length - 1; unit++) value /= 1024;
    return [`${value}${UNITS[unit]!}`];
  });
