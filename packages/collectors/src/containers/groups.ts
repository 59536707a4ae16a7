import type { Steps } from "@narthex/runtime";
import type { HostFiles } from "../host-files/host-files.ts";
import type { BlockDevices } from "./block-io.ts";
import { CgroupFiles } from "./cgroup-file.ts";
import { type Cgroup, findingCgroups, type Hierarchies } from "./cgroup-tree.ts";
import { readV1, readV1Spec, readV1Throttling, v1Folders } from "./cgroup-v1.ts";
import { readRootMemory, readV2, readV2Spec } from "./cgroup-v2.ts";
import { keyedValue } from "./cgroup-file.ts";
import { enclosingContainer, type GroupOwner, ownerOf } from "./container-id.ts";
import type { PlainKey } from "./container-metrics.ts";
import type { OptionalKind } from "./metric-kinds.ts";
import { pageSizesOf, readOptional } from "./optional-files.ts";
import { Reading } from "./reading.ts";

/** A control group whose state is kept from scrape to scrape. */
export interface Group extends Cgroup {
  readonly owner: GroupOwner;
  /** Whether this control group is a container or a group inside a container. */
  readonly isInContainer: boolean;
}

/** Kinds of files that are read from every control group. */
export type FileKind = "cpu" | "memory" | "io" | "pids" | "pressure";

interface ReadOptions {
  readonly devices: BlockDevices;
  readonly perCpu: boolean;
  readonly now: number;
  readonly isRead: (kind: FileKind) => boolean;
  /** Reports whether an optional kind of metrics, which is off by default, is exported. */
  readonly isShown?: (kind: OptionalKind) => boolean;
}

/** Time in ms after which the limits of a control group are read again, because limits change seldom. */
const SPEC_MS = 30_000;

const SPEC_KEYS: readonly PlainKey[] = [
  "cpuPeriod",
  "cpuQuota",
  "cpuShares",
  "threadsMax",
  "memoryLimit",
  "swapLimit",
  "reservation",
];
/** Metrics that are shown only for control groups with a CPU quota, as in cAdvisor. */
const QUOTA_KEYS: readonly PlainKey[] = ["periods", "throttledPeriods", "throttled", "burstPeriods", "burst"];

interface Spec {
  readonly inode: number;
  readonly readAt: number;
  readonly reading: Reading;
}

/** The control groups of the host, in cgroup version 1 or 2. */
export class Groups {
  readonly #files: HostFiles;
  readonly #cgroupFiles: CgroupFiles;
  readonly #hierarchies: Hierarchies;
  readonly #owners = new Map<string, Pick<Group, "owner" | "isInContainer">>();
  #pageSizes: readonly string[] | undefined;
  #found: ReadonlyMap<string, Cgroup> = new Map();
  #specs = new Map<string, Spec>();
  readonly #readings = new Map<string, Reading>();

  constructor(files: HostFiles, hierarchies: Hierarchies) {
    this.#files = files;
    this.#cgroupFiles = new CgroupFiles(files.sys);
    this.#hierarchies = hierarchies;
  }

  /**
   * Begins a scrape. Returns all control groups, the root first and children after their parents.
   * @param now ms of the monotonic clock
   */
  *listing(now: number): Steps<Group[]> {
    this.#cgroupFiles.begin(now);
    const cgroups = yield* findingCgroups(this.#files.sys, this.#hierarchies, this.#found);
    this.#found = new Map(cgroups.map((group) => [group.path, group]));
    const found: Group[] = [];
    for (const group of cgroups) {
      yield;
      const { path } = group;
      let known = this.#owners.get(path);
      if (known === undefined) {
        known = { owner: ownerOf(path), isInContainer: enclosingContainer(path) !== undefined };
        this.#owners.set(path, known);
      }
      found.push({ ...group, ...known });
    }
    if (this.#owners.size > 2 * found.length + 100) this.#owners.clear();
    return found;
  }

  /**
   * Reads the counters of a control group. The result is empty if the group was removed, and valid until the next call.
   */
  read(group: Cgroup, options: ReadOptions): Reading {
    const reading = this.#readingOf(group);
    const { version, folders } = this.#hierarchies;
    const spec = this.#specOf(group, options.now);
    const isThrottled = !Number.isNaN(spec.get("cpuQuota"));
    if (version === 2) {
      readV2(this.#cgroupFiles, this.#folder(group.path), reading, options);
      if (group.path === "/") readRootMemory(this.#files.proc.value("meminfo") ?? "", reading);
    } else {
      const at = v1Folders(folders, group.path);
      readV1(this.#cgroupFiles, at, reading, options);
      if (isThrottled && options.isRead("cpu")) readV1Throttling(this.#cgroupFiles, at, reading);
    }
    if (options.isShown !== undefined) this.#readOptional(group.path, reading, options.isShown);
    for (const key of SPEC_KEYS) reading.set(key, spec.get(key));
    if (!isThrottled) for (const key of QUOTA_KEYS) reading.set(key, undefined);
    return reading;
  }

  #readingOf({ path }: Cgroup): Reading {
    let reading = this.#readings.get(path);
    if (reading === undefined) this.#readings.set(path, (reading = new Reading()));
    reading.begin();
    return reading;
  }

  #readOptional(path: string, reading: Reading, isShown: (kind: OptionalKind) => boolean): void {
    this.#pageSizes ??= pageSizesOf(this.#files.sys);
    const options = { isShown, hierarchies: this.#hierarchies, pageSizes: this.#pageSizes };
    readOptional(this.#cgroupFiles, path, reading, options);
  }

  #folder(path: string): string {
    const root = this.#hierarchies.folders.get("")!;
    return path === "/" ? root : root + path;
  }

  #specOf(group: Cgroup, now: number): Reading {
    const known = this.#specs.get(group.path);
    if (known?.inode === group.inode && now - known.readAt < SPEC_MS) return known.reading;
    const reading = new Reading();
    const { version, folders } = this.#hierarchies;
    if (version === 2) readV2Spec(this.#cgroupFiles, this.#folder(group.path), reading);
    else readV1Spec(this.#cgroupFiles, v1Folders(folders, group.path), reading);
    if (group.path === "/") this.#limitOfMachine(reading);
    this.#specs.set(group.path, { inode: group.inode, readAt: now, reading });
    return reading;
  }

  /** Sets the memory limit of the root control group to the machine's memory, because the root group has no limit. */
  #limitOfMachine(reading: Reading): void {
    const meminfo = (this.#files.proc.value("meminfo") ?? "").replaceAll(":", " ");
    reading.set("memoryLimit", keyedValue(meminfo, "MemTotal") * 1024);
    reading.set("swapLimit", keyedValue(meminfo, "SwapTotal") * 1024);
    reading.set("reservation", Number.isNaN(reading.get("reservation")) ? 0 : reading.get("reservation"));
  }

  /** Removes cached limits and readings of removed control groups. */
  forgetAllBut(present: ReadonlySet<string>): void {
    for (const path of this.#specs.keys()) if (!present.has(path)) this.#specs.delete(path);
    for (const path of this.#readings.keys()) if (!present.has(path)) this.#readings.delete(path);
  }

  /**
   * Returns the ids of the processes that are directly in a control group, without its children. Returns undefined if
   * the group was removed or cannot hold processes.
   */
  pids(path: string): readonly string[] | undefined {
    const { folders, version } = this.#hierarchies;
    const tail = path === "/" ? "" : path;
    const places =
      version === 2
        ? [folders.get("")!]
        : ["cpu", "memory", "pids", "cpuacct", "blkio"].flatMap((name) => folders.get(name) ?? []);
    for (const folder of places) {
      const text = this.#cgroupFiles.list(folder + tail, "cgroup.procs")?.trim();
      if (text !== undefined) return text === "" ? [] : text.split("\n");
    }
    return undefined;
  }
}
