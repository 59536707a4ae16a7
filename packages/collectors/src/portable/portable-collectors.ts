import { statfs } from "node:fs/promises";
import { cpus, hostname, loadavg, machine, release, type, uptime, version } from "node:os";
import { LOAD_METRICS } from "../cpu/loadavg.ts";
import { NO_DOMAIN, UNAME_METRICS } from "../kernel/uname.ts";
import { type Collector, defineCollector } from "../collector.ts";
import { NoDataError } from "../no-data-error.ts";
import { filterBy } from "../device-filter.ts";
import { FILE_SYSTEM_METRICS, FS_TYPES, MOUNT_POINTS } from "../filesystem/filesystem.ts";
import { osRelease } from "../kernel/os-release.ts";
import { time } from "../kernel/time.ts";
import { memoryMetric } from "../memory/meminfo.ts";
import { counter, gauge } from "../metric.ts";
import { DEVICES } from "../network/netdev.ts";
import { textfile } from "../services/textfile.ts";
import { type LoadSystemInformation, loadSystemInformation } from "./systeminformation.ts";

/** Value of the device label. Platforms without /proc report only the sum over all disks. */
const ALL_DISKS = "total";

/**
 * Returns the collectors for hosts without /proc (macOS, Windows): CPU, memory, disk, network, load and file systems.
 * They use the names of Linux, so that dashboards and rules work. On macOS, memory also has node_exporter's names for
 * macOS.
 */
export function portableCollectors(
  load: LoadSystemInformation = loadSystemInformation,
  platform: NodeJS.Platform = process.platform,
): readonly Collector[] {
  return [
    bootTime,
    cpu(platform),
    disk(load),
    fileSystems(load),
    load1(platform),
    memory(load, platform),
    network(load),
    osRelease,
    textfile,
    time,
    uname,
  ];
}

/** Exports the boot time of the host. */
export const bootTime = defineCollector({
  name: "boottime",
  enabled: true,
  metrics: { boot: gauge("node_boot_time_seconds", "Unix time of last boot, including microseconds.") },
  open({ clock }) {
    // Rounds the boot time to whole seconds. The clock and the uptime have different fractions of a second, so an
    // unrounded boot time would change with each scrape.
    const seconds = Math.round(clock.now() / 1000 - uptime());
    return (_files, emit) => emit.boot(seconds);
  },
});

function cpu(platform: NodeJS.Platform): Collector {
  return defineCollector({
    name: "cpu",
    enabled: true,
    metrics: { seconds: counter("node_cpu_seconds_total", "Seconds the CPUs spent in each mode.", ["cpu", "mode"]) },
    collect(_files, emit) {
      for (const [i, { times }] of cpus().entries()) {
        emit.seconds(times.user / 1000, String(i), "user");
        emit.seconds(times.sys / 1000, String(i), "system");
        emit.seconds(times.idle / 1000, String(i), "idle");
        // Emits interrupt time on Windows and nice time elsewhere; each platform reports only one of them.
        if (platform === "win32") emit.seconds(times.irq / 1000, String(i), "irq");
        else emit.seconds(times.nice / 1000, String(i), "nice");
      }
    },
  });
}

function memory(load: LoadSystemInformation, platform: NodeJS.Platform): Collector {
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
      add("Cached", mem.buffers + mem.cached === 0 ? mem.buffcache : mem.cached);
      add("SwapTotal", mem.swaptotal);
      add("SwapFree", mem.swapfree);
      if (platform !== "darwin") return;
      add("total", mem.total);
      add("free", mem.free);
      add("active", mem.active);
      add("swap_total", mem.swaptotal);
      add("swap_used", mem.swapused);
    },
  });
}

function disk(load: LoadSystemInformation): Collector {
  const ofDisk = (name: string, help: string) => counter(`node_disk_${name}`, help, ["device"]);
  return defineCollector({
    name: "diskstats",
    enabled: true,
    metrics: {
      reads: ofDisk("reads_completed_total", "The total number of reads completed successfully."),
      writes: ofDisk("writes_completed_total", "The total number of writes completed successfully."),
      readBytes: ofDisk("read_bytes_total", "The total number of bytes read successfully."),
      writtenBytes: ofDisk("written_bytes_total", "The total number of bytes written successfully."),
    },
    async collect(_files, emit) {
      const library = await load();
      const [io, bytes] = await Promise.all([library.disksIO(), library.fsStats()]);
      if (io === null && bytes === null) throw new NoDataError("this platform reports no disk statistics");
      if (io !== null) {
        emit.reads(io.rIO, ALL_DISKS);
        emit.writes(io.wIO, ALL_DISKS);
      }
      if (typeof bytes?.rx === "number") emit.readBytes(bytes.rx, ALL_DISKS);
      if (typeof bytes?.wx === "number") emit.writtenBytes(bytes.wx, ALL_DISKS);
    },
  });
}

const DIRECTIONS = { receive: "rx", transmit: "tx" } as const;

function network(load: LoadSystemInformation): Collector {
  return defineCollector({
    name: "netdev",
    enabled: true,
    metrics: {},
    open({ settings, logger }) {
      const isWanted = filterBy(settings, DEVICES, logger);
      return async (_files, emit) => {
        for (const device of await (await load()).networkStats("*")) {
          if (!isWanted(device.iface)) continue;
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
      };
    },
  });
}

function load1(platform: NodeJS.Platform): Collector {
  return defineCollector({
    name: "loadavg",
    enabled: true,
    metrics: LOAD_METRICS,
    collect(_files, emit) {
      if (platform === "win32") throw new NoDataError("Windows has no load average");
      const [one, five, fifteen] = loadavg();
      emit.load1(one ?? 0);
      emit.load5(five ?? 0);
      emit.load15(fifteen ?? 0);
    },
  });
}

function fileSystems(load: LoadSystemInformation): Collector {
  return defineCollector({
    name: "filesystem",
    enabled: true,
    metrics: FILE_SYSTEM_METRICS,
    open({ settings, logger }) {
      const isMountWanted = filterBy(settings, MOUNT_POINTS, logger);
      const isTypeWanted = filterBy(settings, FS_TYPES, logger);
      return async (_files, emit) => {
        const mounts = await (await load()).fsSize();
        await Promise.all(
          mounts.map(async (mount) => {
            if (!isMountWanted(mount.mount) || !isTypeWanted(mount.type)) return;
            const labels = [mount.fs, mount.mount, mount.type, ""];
            emit.size(mount.size, ...labels);
            emit.free(mount.size - mount.used, ...labels);
            emit.avail(mount.available, ...labels);
            emit.readonly(mount.rw === false ? 1 : 0, ...labels);
            emit.deviceError(0, ...labels);
            const inodes = await statfs(mount.mount).catch(() => undefined);
            if (inodes === undefined || inodes.files === 0) return;
            emit.files(inodes.files, ...labels);
            emit.filesFree(inodes.ffree, ...labels);
          }),
        );
      };
    },
  });
}

const uname = defineCollector({
  name: "uname",
  enabled: true,
  metrics: UNAME_METRICS,
  collect(_files, emit) {
    const [node = "", ...domain] = hostname().split(".");
    const domainName = domain.length === 0 ? NO_DOMAIN : domain.join(".");
    emit.info(1, type(), release(), version(), machine(), node, domainName);
  },
});
