import { readlinkSync } from "node:fs";
import { basename } from "node:path";
import type { HostFiles } from "../host-files/host-files.ts";
import { fieldsOf, linesOf } from "../host-files/kernel-text.ts";
import type { CgroupFiles } from "./cgroup-file.ts";
import type { Reading } from "./reading.ts";

/** Names of block devices by `major:minor`, such as `/dev/sda`. Each device is looked up once per scrape. */
export class BlockDevices {
  readonly #files: HostFiles;
  readonly #names = new Map<string, string>();

  constructor(files: HostFiles) {
    this.#files = files;
  }

  /**
   * Returns the name of a device. If the kernel no longer lists the device, returns its number, so that two removed
   * devices do not become one series.
   */
  name(number: string): string {
    let name = this.#names.get(number);
    if (name === undefined) {
      const kernelName = this.#linked(number) ?? this.#listed(number);
      name = kernelName === undefined ? number : `/dev/${kernelName.replaceAll("!", "/")}`;
      this.#names.set(number, name);
    }
    return name;
  }

  #linked(number: string): string | undefined {
    try {
      return basename(readlinkSync(this.#files.sys.path(`dev/block/${number}`)));
    } catch {
      return undefined;
    }
  }

  /** Looks the device up in the kernel's list, whose lines look like ` 8 0 488386584 sda`. */
  #listed(number: string): string | undefined {
    const [major, minor] = number.split(":");
    const lines = linesOf(this.#files.proc.value("partitions") ?? "").map(fieldsOf);
    return lines.find((fields) => fields[0] === major && fields[1] === minor)?.[3];
  }
}

/**
 * Files of cgroup version 1 in order of preference; the first existing file is used. Files that end in `_recursive`
 * include the counts of child groups. The last two files belong to other I/O schedulers.
 */
const BYTES_FILES = [
  "blkio.throttle.io_service_bytes_recursive",
  "blkio.throttle.io_service_bytes",
  "blkio.bfq.io_service_bytes_recursive",
  "blkio.io_service_bytes_recursive",
];

/** Reads bytes and operations per device in version 1, from lines such as `8:0 Read 4096`. */
export function readBlkio(files: CgroupFiles, folder: string, into: Reading, devices: BlockDevices): void {
  for (const file of BYTES_FILES) {
    const bytes = files.read(folder, file);
    if (bytes === undefined) continue;
    // Returns if the file has only a total and no device, because the control group has not used any device.
    if (!/^\d/.test(bytes)) return;
    for (const [number, operation, value] of deviceLines(bytes)) {
      const device = devices.name(number);
      if (operation === "Read") into.add("readBytes", value, device);
      if (operation === "Write") into.add("writtenBytes", value, device);
      const [major = "", minor = ""] = number.split(":");
      into.add("deviceUsage", value, device, major, minor, operation);
    }
    const serviced = files.read(folder, file.replace("service_bytes", "serviced")) ?? "";
    for (const [number, operation, value] of deviceLines(serviced)) {
      if (operation === "Read") into.add("reads", value, devices.name(number));
      if (operation === "Write") into.add("writes", value, devices.name(number));
    }
    return;
  }
}

/** Returns the lines with three words. The last line, a total of all devices, has two words and is omitted. */
function deviceLines(text: string): [number: string, operation: string, value: number][] {
  const lines = text.split("\n").map((line) => line.split(" "));
  return lines.flatMap(([number, operation, value]) =>
    value === undefined ? [] : [[number!, operation!, Number(value)] as [string, string, number]],
  );
}

const BYTES: readonly (readonly [key: string, operation: string])[] = [
  ["rbytes", "Read"],
  ["wbytes", "Write"],
  ["dbytes", "Discard"],
];

/**
 * Keys of times in microseconds from the kernel's iocost controller. Only devices with this controller have these keys.
 */
const COSTS = [
  ["cost.usage", "costUsage"],
  ["cost.wait", "costWait"],
  ["cost.indebt", "costDebt"],
  ["cost.indelay", "costDelay"],
] as const;

/**
 * Reads bytes and operations per device in version 2, from lines such as `8:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=5
 * dios=6`.
 */
export function readIoStat(files: CgroupFiles, folder: string, into: Reading, devices: BlockDevices): void {
  for (const line of files.read(folder, "io.stat")?.split("\n") ?? []) {
    const [number = "", ...pairs] = line.split(" ");
    const values = new Map(pairs.map((pair) => pair.split("=") as [string, string]));
    // Skips a device without numbers, because the control group has never used it.
    if (!values.has("rbytes")) continue;
    const device = devices.name(number);
    const [major = "", minor = ""] = number.split(":");
    const value = (key: string): number => Number(values.get(key) ?? Number.NaN);
    into.add("readBytes", value("rbytes"), device);
    into.add("writtenBytes", value("wbytes"), device);
    into.add("reads", value("rios"), device);
    into.add("writes", value("wios"), device);
    for (const [key, metric] of COSTS) into.add(metric, value(key) / 1e6, device);
    for (const [key, operation] of BYTES) into.add("deviceUsage", value(key), device, major, minor, operation);
  }
}
