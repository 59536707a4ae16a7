import type { Clock, Logger, Steps } from "@narthex/runtime";
import { logOnChange, NARTHEX_VERSION, type StateLog } from "@narthex/runtime";
import { runInTurns } from "../collection/turns.ts";
import { defineCollector, type Emitter } from "../collector.ts";
import { NoDataError } from "../no-data-error.ts";
import type { HostFiles } from "../host-files/host-files.ts";
import { gauge } from "../metric.ts";
import { BlockDevices } from "./block-io.ts";
import { keyedValue } from "./cgroup-file.ts";
import { hierarchiesOf, withAncestors } from "./cgroup-tree.ts";
import { ContainerFamilies } from "./container-families.ts";
import { networkNamespace, readInterfaces } from "./container-network.ts";
import { type CpuNode, readingCpuNodes } from "./cpu-topology.ts";
import { readingDiskActivity } from "./disk-activity.ts";
import { EngineNames } from "./engine-names.ts";
import { InitProcesses } from "./init-process.ts";
import { containerFlags, type ContainerSettings, readContainerFlags } from "./flags.ts";
import { type Group, Groups } from "./groups.ts";
import { Identities, identify, type Identity } from "./identity.ts";
import { KubernetesNames } from "./kubernetes-names.ts";
import { LocalFilesystems, type FilesystemSpace } from "./local-filesystems.ts";
import { emitCpuNodes, MACHINE_METRICS, machineFacts, type MachineFacts } from "./machine-facts.ts";
import { OpenFiles } from "./open-files.ts";
import { ProcessScheduling } from "./process-scheduling.ts";
import type { Reading } from "./reading.ts";
import { readingReferencedMemory } from "./referenced-memory.ts";
import { readingTcp, readingUdp } from "./socket-states.ts";
import { readTcpCounters } from "./tcp-counters.ts";
import { OuterProcesses, processFiles } from "./outer-processes.ts";
import { RemovedContainers } from "./removed-containers.ts";

const metrics = {
  ...MACHINE_METRICS,
  scrapeError: gauge("container_scrape_error", "1 if there was an error while getting container metrics, 0 otherwise"),
};

/**
 * Exports metrics of containers and other control groups under cAdvisor's names, from cgroup files and /proc. Container
 * names come from an engine's socket.
 */
export const containers = defineCollector({
  name: "containers",
  enabled: false,
  flags: containerFlags,
  metrics,
  open({ settings, clock, logger }) {
    const read = readContainerFlags(settings);
    let scrapes: ContainerScrapes | undefined;
    return async (files, emit) => {
      scrapes ??= openScrapes(files, read, clock, logger);
      await scrapes.collect(emit);
    };
  },
});

function openScrapes(files: HostFiles, settings: ContainerSettings, clock: Clock, logger: Logger): ContainerScrapes {
  const hierarchies = hierarchiesOf(files.sys);
  if (hierarchies === undefined) throw new NoDataError("no control groups below /sys/fs/cgroup");
  const seen = { ...files, proc: processFiles(files) };
  return new ContainerScrapes(seen, new Groups(seen, hierarchies), settings, { clock, logger });
}

/** A control group with its identity, reading and processes in one scrape. */
interface ContainerReading extends Group {
  readonly identity: Identity;
  readonly reading: Reading;
  /** Process ids; undefined if this process cannot see them. */
  readonly pids: readonly string[] | undefined;
}

const UNSEEN =
  "none is visible from here, so that networks, processes and open files of containers are missing; mount the host's " +
  "/proc and name it with --path.procfs, or its / and name it with --path.rootfs";

/** Time in ms after which the CPUs, caches and nodes of the machine are read again, as in cAdvisor. */
const CPU_NODES_MS = 300_000;

const TASK_STATES = ["sleeping", "running", "stopped", "uninterruptible", "iowaiting"];

/** Runs scrapes one after the other and keeps state between them. */
class ContainerScrapes {
  readonly #files: HostFiles;
  readonly #groups: Groups;
  readonly #settings: ContainerSettings;
  readonly #clock: Clock;
  readonly #engines: EngineNames;
  readonly #kubernetes: KubernetesNames;
  readonly #filesystems: LocalFilesystems;
  readonly #openFiles: OpenFiles;
  readonly #outer: OuterProcesses | undefined;
  readonly #sight: StateLog;
  readonly #processes = new InitProcesses();
  readonly #scheduling = new ProcessScheduling();
  readonly #identities = new Identities();
  readonly #families = new ContainerFamilies();
  readonly #removed: RemovedContainers;
  #machine: MachineFacts | undefined;
  #cpuNodes: readonly CpuNode[] = [];
  #cpuNodesReadAt = Number.NEGATIVE_INFINITY;

  constructor(
    files: HostFiles,
    groups: Groups,
    settings: ContainerSettings,
    context: { clock: Clock; logger: Logger },
  ) {
    this.#files = files;
    this.#groups = groups;
    this.#settings = settings;
    this.#clock = context.clock;
    this.#engines = new EngineNames(settings.sockets, settings.sizeIntervalMs, {
      ...context,
      rootfs: files.rootfs.root,
    });
    this.#kubernetes = new KubernetesNames(files.rootfs);
    this.#filesystems = new LocalFilesystems(context.clock);
    this.#openFiles = new OpenFiles(context.clock);
    this.#outer = OuterProcesses.over(files.proc);
    this.#sight = logOnChange(context.logger, "Looking at containers' processes");
    this.#removed = new RemovedContainers(settings.keepRemovedMs);
  }

  async collect(emit: Emitter<typeof metrics>): Promise<void> {
    const found = await runInTurns(this.#clock, this.#groups.listing(this.#clock.monotonic()));
    this.#groups.forgetAllBut(new Set(found.map(({ path }) => path)));
    const present = new Map(
      found.flatMap(({ owner, inode }) => (owner.containerId ? [[owner.containerId, inode]] : [])),
    );
    const [spaces] = await Promise.all([this.#filesystems.look(this.#files), this.#engines.refresh(present)]);
    await runInTurns(this.#clock, this.#collecting(found, present.keys(), spaces, emit));
    emit.scrapeError(0);
    this.#emitMachine(emit, this.#machine!);
  }

  *#collecting(
    found: readonly Group[],
    containerIds: Iterable<string>,
    spaces: readonly FilesystemSpace[],
    emit: Emitter<typeof metrics>,
  ): Steps<void> {
    const ids = new Set(containerIds);
    this.#kubernetes.begin(ids);
    if (this.#outer !== undefined) yield* this.#outer.beginning(ids, this.#clock.monotonic());
    this.#machine ??= machineFacts(this.#files);
    const looked = yield* this.#looking(found);
    const pids = yield* findingFirstPids(looked);
    this.#tellOfSight(looked, pids);
    yield;
    if (this.#settings.openFiles) yield* this.#addingOpenFiles(looked);
    if (this.#settings.isShown("sched")) yield* this.#scheduling.reading(this.#files.proc, looked);
    if (this.#settings.isShown("referenced_memory")) yield* readingReferencedMemory(this.#files.proc, looked);
    if (this.#settings.isShown("cpu_topology")) yield* this.#readingCpuNodes();
    yield* this.#addingNetworks(looked, pids);
    yield* this.#addingFilesystems(looked, spaces);
    const live = new Map(looked.filter(({ owner }) => owner.containerId !== undefined).map((one) => [one.path, one]));
    yield;
    const removed = this.#removed.update(live, this.#clock.monotonic());
    yield;
    const timeMs = this.#settings.timestamps ? Math.round(this.#clock.now()) : undefined;
    for (const family of yield* this.#families.building([...looked, ...removed], timeMs)) {
      yield;
      if (this.#settings.isWantedFamily(family.name)) yield* emit.ordered(family);
    }
  }

  *#looking(found: readonly Group[]): Steps<ContainerReading[]> {
    const devices = new BlockDevices(this.#files);
    const now = this.#clock.monotonic();
    const seenAt = Math.floor(this.#clock.now() / 1000);
    const { perCpu, isRead, isShown, shown } = this.#settings;
    const looked: ContainerReading[] = [];
    this.#identities.begin();
    for (const group of found) {
      const { path, owner } = group;
      if (owner.containerId === undefined && !this.#settings.isWantedGroup(path)) continue;
      yield;
      const engine = owner.containerId === undefined ? undefined : this.#engines.get(owner.containerId);
      const named = identify(path, owner, engine, this.#kubernetes, shown);
      const identity = this.#identities.of(path, named);
      if (path !== "/" && !this.#settings.isWanted(path, identity.get("name") ?? "")) continue;
      const pids = this.#pidsOf(group);
      const reading = this.#groups.read(group, { devices, perCpu, now, isRead, isShown });
      // Skips a control group that was removed after the folders were listed.
      if (pids === undefined && reading.isEmpty) continue;
      this.#addTimes(group, reading, seenAt);
      reading.set("health", engine?.health ?? -1);
      reading.set("processes", pids?.length);
      reading.set("load", 0);
      reading.set("loadD", 0);
      for (const state of TASK_STATES) reading.add("tasks", 0, state);
      looked.push({ ...group, identity, reading, pids });
    }
    return looked;
  }

  #pidsOf({ path, owner, isInContainer }: Group): readonly string[] | undefined {
    // Reads the process ids only for containers, or if process metrics are enabled. The network counters and limits of
    // a container come from one of its processes.
    if (!this.#settings.hasProcesses && !isInContainer) return undefined;
    if (this.#outer === undefined) return this.#groups.pids(path);
    return owner.containerId === undefined ? undefined : this.#outer.of(owner.containerId);
  }

  /**
   * Logs one message if the processes of containers cannot be seen. In a PID namespace with its own procfs, control
   * groups list 0 instead of each process id.
   */
  #tellOfSight(looked: readonly ContainerReading[], pids: FirstPids): void {
    const busy = looked.filter(({ owner, reading }) => owner.containerId !== undefined && reading.get("threads") > 0);
    if (busy.length === 0) return;
    if (busy.some(({ path }) => (pids.get(path) ?? "0") !== "0")) this.#sight.succeeded();
    else this.#sight.failed(UNSEEN);
  }

  #addTimes({ path, owner, created }: Group, reading: Reading, seenAt: number): void {
    const engine = owner.containerId === undefined ? undefined : this.#engines.get(owner.containerId);
    const bootedAt = this.#machine!.bootedAt;
    const made = path === "/" && !Number.isNaN(bootedAt) ? bootedAt : created;
    reading.set("lastSeen", seenAt);
    reading.set("created", engine?.createdAt ?? made);
    // Omits the start time until the engine was asked for it, because a start time that changes later would count as a
    // restart in `changes()`.
    if (engine?.isStartAsked !== false) reading.set("started", engine?.startedAt ?? engine?.createdAt ?? made);
  }

  *#addingOpenFiles(looked: readonly ContainerReading[]): Steps<void> {
    const seen = looked.flatMap(({ path, inode, pids }) => (pids === undefined ? [] : [{ path, inode, pids }]));
    const counts = yield* this.#openFiles.looking(this.#files.proc, seen);
    for (const { path, reading } of looked) {
      const count = counts.get(path);
      reading.set("descriptors", count?.descriptors);
      reading.set("sockets", count?.sockets);
    }
  }

  /**
   * Exports every network namespace once. The host's namespace is exported at the root control group, a shared
   * namespace at the container that was created first.
   */
  *#addingNetworks(looked: readonly ContainerReading[], pids: FirstPids): Steps<void> {
    const { proc } = this.#files;
    const shown = new Set([networkNamespace(proc, "1")]);
    const root = looked.find(({ path }) => path === "/");
    if (root !== undefined) yield* this.#readingNetwork("1", root.reading);
    this.#processes.begin();
    const now = this.#clock.monotonic();
    const made = ({ reading }: ContainerReading): number => reading.get("created");
    const own = looked.filter(({ owner }) => owner.containerId !== undefined).toSorted((a, b) => made(a) - made(b));
    for (const container of own) {
      const pid = pids.get(container.path);
      if (pid === undefined) continue;
      yield;
      const { namespace, openFileLimit } = this.#processes.of(container, pid, proc, now);
      container.reading.add("ulimit", openFileLimit, "max_open_files");
      if (namespace === undefined || shown.has(namespace)) continue;
      shown.add(namespace);
      yield* this.#readingNetwork(pid, container.reading);
    }
  }

  *#readingNetwork(pid: string, reading: Reading): Steps<void> {
    const { proc } = this.#files;
    readInterfaces(proc, pid, reading);
    if (this.#settings.isShown("advtcp")) readTcpCounters(proc, pid, reading);
    if (this.#settings.isShown("tcp")) yield* readingTcp(proc, pid, reading);
    if (this.#settings.isShown("udp")) yield* readingUdp(proc, pid, reading);
  }

  *#addingFilesystems(looked: readonly ContainerReading[], spaces: readonly FilesystemSpace[]): Steps<void> {
    for (const { path, owner, reading } of looked) {
      yield;
      if (path === "/") {
        for (const space of spaces) {
          yield;
          addSpace(reading, space, space.usage);
        }
        yield* readingDiskActivity(this.#files.proc, spaces, reading);
        continue;
      }
      const engine = owner.containerId === undefined ? undefined : this.#engines.get(owner.containerId);
      if (engine?.dataFolder === undefined) continue;
      const space = this.#filesystems.holding(engine.dataFolder);
      if (space !== undefined) addSpace(reading, space, engine.writtenBytes);
    }
  }

  *#readingCpuNodes(): Steps<void> {
    const now = this.#clock.monotonic();
    if (now - this.#cpuNodesReadAt < CPU_NODES_MS) return;
    this.#cpuNodesReadAt = now;
    this.#cpuNodes = yield* readingCpuNodes(this.#files.sys);
  }

  #emitMachine(emit: Emitter<typeof metrics>, machine: MachineFacts): void {
    const { labels } = machine;
    emit.cores(machine.cores, ...labels);
    emit.physicalCores(machine.physicalCores, ...labels);
    emit.sockets(machine.sockets, ...labels);
    const meminfo = (this.#files.proc.value("meminfo") ?? "").replaceAll(":", " ");
    emit.memory(keyedValue(meminfo, "MemTotal") * 1024, ...labels);
    emit.swap(keyedValue(meminfo, "SwapTotal") * 1024, ...labels);
    for (const { type, count, bytes } of machine.modules) {
      emit.modules(count, ...labels, type);
      emit.moduleBytes(bytes, ...labels, type);
    }
    emitCpuNodes(emit, labels, this.#cpuNodes);
    // Exports 0, as cAdvisor does without Intel's library for non-volatile memory.
    for (const mode of ["app_direct_mode", "memory_mode"]) emit.nvm(0, ...labels, mode);
    emit.nvmPower(0, ...labels);
    emit.machineError(0);
    emit.version(1, machine.kernel, machine.os, this.#engines.version, NARTHEX_VERSION, "");
  }
}

function addSpace(reading: Reading, space: FilesystemSpace, usage: number | undefined): void {
  reading.add("fsLimit", space.limit, space.device);
  reading.add("fsUsage", usage, space.device);
  reading.add("inodes", space.inodes, space.device);
  reading.add("inodesFree", space.inodesFree, space.device);
}

/** Maps the path of each control group that has processes to one of its process ids. */
type FirstPids = ReadonlyMap<string, string>;

/**
 * Finds a process of each control group. A group without processes gets the first process of the groups below it,
 * because some engines keep all processes in a group below the container's group.
 */
function* findingFirstPids(looked: readonly ContainerReading[]): Steps<FirstPids> {
  const own = new Map<string, string>();
  const below = new Map<string, string>();
  for (const { path, pids = [] } of looked) {
    yield;
    const pid = pids[0];
    if (pid === undefined) continue;
    own.set(path, pid);
    for (const above of withAncestors(path)) if (above !== "/" && !below.has(above)) below.set(above, pid);
  }
  for (const [path, pid] of own) below.set(path, pid);
  return below;
}
