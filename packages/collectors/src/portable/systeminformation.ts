import { arch, cpus, hostname, loadavg, release, type, version } from "node:os";
import { type Collector, defineCollector } from "../collector.ts";
import { counter, gauge } from "../metric.ts";
import { memoryMetric } from "../memory/meminfo.ts";
import { time } from "../kernel/time.ts";

/** The part of the systeminformation library that is used; tests bring their own. */
export interface SystemInformation {
  mem(): Promise<{
    readonly total: number;
    readonly free: number;
    readonly available: number;
    readonly active: number;
    readonly buffers: number;
    readonly cached: number;
    readonly swaptotal: number;
    readonly swapfree: number;
  }>;
  fsSize(): Promise<
    readonly {
      readonly fs: string;
      readonly type: string;
      readonly size: number;
      readonly used: number;
      readonly available: number;
      readonly mount: string;
      readonly rw: boolean | null;
    }[]
  >;
  networkStats(interfaces: string): Promise<
    readonly {
      readonly iface: string;
      readonly rx_bytes: number;
      readonly rx_dropped: number;
      readonly rx_errors: number;
      readonly tx_bytes: number;
      readonly tx_dropped: number;
      readonly tx_errors: number;
    }[]
  >;
  disksIO(): Promise<{ readonly rIO: number; readonly wIO: number } | null>;
  fsStats(): Promise<{ readonly rx: number | null; readonly wx: number | null } | null>;
}

/** The library is loaded when it is first needed: on hosts with /proc it never is. */
const loadLibrary = async (): Promise<SystemInformation> => (await import("systeminformation")).default;

/** Disks are known only in sum here. */
const ALL_DISKS = "total";

/**
 * Collectors for hosts without /proc (macOS, Windows): CPU, memory, disk, network, load and file systems under the names
 * they have on Linux, so that dashboards and rules hold.
 */
export function portableCollectors(load: () => Promise<SystemInformation> = loadLibrary): readonly Collector[] {
  return [cpu, memory(load), disk(load), network(load), load1, fileSystems(load), uname, time];
}

const cpu = defineCollector({
  name: "cpu",
  enabled: true,
  metrics: { seconds: counter("node_cpu_seconds_total", "Seconds the CPUs spent in each mode.", ["cpu", "mode"]) },
  collect(_files, emit) {
    cpus().forEach(({ times }, i) => {
      const add = (mode: string, ms: number): void => emit.seconds(ms / 1000, String(i), mode);
      add("user", times.user);
      add("nice", times.nice);
      add("system", times.sys);
      add("idle", times.idle);
      add("irq", times.irq);
    });
  },
});

function memory(load: () => Promise<SystemInformation>): Collector {
  return defineCollector({
    name: "meminfo",
    enabled: true,
    metrics: {},
    async collect(_files, emit) {
      const mem = await (await load()).mem();
      const add = (field: string, bytes: number): void => emit.dynamic(memoryMetric(field, true), bytes);
      add("MemTotal", mem.total);
      add("MemFree", mem.free);
      add("MemAvailable", mem.available);
      add("Active", mem.active);
      add("Buffers", mem.buffers);
      add("Cached", mem.cached);
      add("SwapTotal", mem.swaptotal);
      add("SwapFree", mem.swapfree);
    },
  });
}

function disk(load: () => Promise<SystemInformation>): Collector {
  return defineCollector({
    name: "diskstats",
    enabled: true,
    metrics: {
      reads: counter("node_disk_reads_completed_total", "The total number of reads completed successfully.", [
        "device",
      ]),
      writes: counter("node_disk_writes_completed_total", "The total number of writes completed successfully.", [
        "device",
      ]),
      readBytes: counter("node_disk_read_bytes_total", "The total number of bytes read successfully.", ["device"]),
      writtenBytes: counter("node_disk_written_bytes_total", "The total number of bytes written successfully.", [
        "device",
      ]),
    },
    async collect(_files, emit) {
      const library = await load();
      const [io, bytes] = await Promise.all([library.disksIO(), library.fsStats()]);
      if (io !== null) {
        emit.reads(io.rIO, ALL_DISKS);
        emit.writes(io.wIO, ALL_DISKS);
      }
      if (bytes === null) return;
      emit.readBytes(bytes.rx ?? 0, ALL_DISKS);
      emit.writtenBytes(bytes.wx ?? 0, ALL_DISKS);
    },
  });
}

const DIRECTIONS = { receive: "rx", transmit: "tx" } as const;

function network(load: () => Promise<SystemInformation>): Collector {
  return defineCollector({
    name: "netdev",
    enabled: true,
    metrics: {},
    async collect(_files, emit) {
      for (const device of await (await load()).networkStats("*")) {
        for (const [direction, short] of Object.entries(DIRECTIONS)) {
          const add = (what: string, value: number): void => {
            const name = `${direction}_${what}`;
            const help = `Network device statistic ${name}.`;
            emit.dynamic(counter(`node_network_${name}_total`, help, ["device"]), value, device.iface);
          };
          add("bytes", device[`${short}_bytes`]);
          add("drop", device[`${short}_dropped`]);
          add("errs", device[`${short}_errors`]);
        }
      }
    },
  });
}

const load1 = defineCollector({
  name: "loadavg",
  enabled: true,
  metrics: {
    load1: gauge("node_load1", "1m load average."),
    load5: gauge("node_load5", "5m load average."),
    load15: gauge("node_load15", "15m load average."),
  },
  collect(_files, emit) {
    const [one, five, fifteen] = loadavg();
    emit.load1(one ?? 0);
    emit.load5(five ?? 0);
    emit.load15(fifteen ?? 0);
  },
});

const MOUNT = ["device", "mountpoint", "fstype", "device_error"];

function fileSystems(load: () => Promise<SystemInformation>): Collector {
  return defineCollector({
    name: "filesystem",
    enabled: true,
    metrics: {
      size: gauge("node_filesystem_size_bytes", "Filesystem size in bytes.", MOUNT),
      free: gauge("node_filesystem_free_bytes", "Filesystem free space in bytes.", MOUNT),
      avail: gauge("node_filesystem_avail_bytes", "Filesystem space available to non-root users in bytes.", MOUNT),
      readonly: gauge("node_filesystem_readonly", "Filesystem read-only status.", MOUNT),
    },
    async collect(_files, emit) {
      for (const mount of await (await load()).fsSize()) {
        const labels = [mount.fs, mount.mount, mount.type, ""];
        emit.size(mount.size, ...labels);
        emit.free(mount.size - mount.used, ...labels);
        emit.avail(mount.available, ...labels);
        emit.readonly(mount.rw === false ? 1 : 0, ...labels);
      }
    },
  });
}

const uname = defineCollector({
  name: "uname",
  enabled: true,
  metrics: {
    info: gauge("node_uname_info", "Labeled system information as provided by the uname system call.", [
      "sysname",
      "release",
      "version",
      "machine",
      "nodename",
      "domainname",
    ]),
  },
  collect: (_files, emit) => emit.info(1, type(), release(), version(), arch(), hostname(), ""),
});
