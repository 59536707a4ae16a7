import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { endianness } from "node:os";
import { runToEnd } from "@narthex/runtime";
import { belowRoot, type HostFiles } from "../host-files/host-files.ts";
import { waitingLibcFunction } from "../system-calls/libc.ts";
import type { WaitingCFunction } from "../system-calls/libc.ts";
import { listingMounts } from "./mount-info.ts";

/** A disk of a Btrfs filesystem, as the kernel reports it. */
export interface BtrfsDevice {
  /** Name without the folder, such as `sda1`. */
  readonly name: string;
  readonly uuid: string;
  readonly totalBytes: number;
  readonly unusedBytes: number;
  /** Errors since the counters were last reset, in the order of BTRFS_ERROR_TYPES. */
  readonly errors: readonly number[];
}

/** Names of a disk's error counters, in the kernel's order. */
export const BTRFS_ERROR_TYPES = ["write", "read", "flush", "corruption", "generation"] as const;

/** Requests of ioctl(2) from linux/btrfs.h, with the sizes of the structures that they fill. */
const FS_INFO = { request: 0x8400941f, bytes: 1024 };
const DEVICE_INFO = { request: 0xd000941e, bytes: 4096 };
const DEVICE_STATS = { request: 0xc4089434, bytes: 1032 };

/** Offset of the filesystem's UUID in the structure that the ioctl request fills. */
const FSID_AT = 16;
const UUID_AT = 8;
const UUID_BYTES = 16;
const BYTES_USED_AT = 24;
const TOTAL_BYTES_AT = 32;
const PATH_AT = 3072;
const ERRORS_AT = 24;

const ENODEV = 19;
/**
 * Inode of a subvolume's root. A mount whose root has another inode shows only a part of a subvolume, and the whole
 * subvolume is mounted elsewhere.
 */
const SUBVOLUME_INODE = 256;

const isLittle = endianness() === "LE";

/**
 * Returns the disks of each filesystem, by its UUID without dashes. Asks the kernel through the mount points. Omits a
 * filesystem without a visible mount point or without permission. Throws NoDataError if ioctl cannot be called.
 */
export async function btrfsDevices(files: HostFiles): Promise<ReadonlyMap<string, readonly BtrfsDevice[]>> {
  const found = new Map<string, readonly BtrfsDevice[]>();
  const done = new Set<string>();
  const mounts = runToEnd(listingMounts(files)).filter(({ fsType }) => fsType === "btrfs");
  if (mounts.length === 0) return found;
  const ioctl = await waitingLibcFunction("int ioctl(int fd, ulong request, void *argument)");
  for (const { device, mountPoint } of mounts) {
    if (done.has(device)) continue;
    const answer = await askMount(ioctl, belowRoot(files, mountPoint));
    if (answer === undefined || found.has(answer.fsid)) continue;
    done.add(device);
    found.set(answer.fsid, answer.devices);
  }
  return found;
}

async function askMount(
  ioctl: WaitingCFunction,
  path: string,
): Promise<{ fsid: string; devices: readonly BtrfsDevice[] } | undefined> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(path, constants.O_RDONLY | constants.O_DIRECTORY);
    if ((await handle.stat()).ino !== SUBVOLUME_INODE) return undefined;
    const { fd } = handle;
    return await askFilesystem((request, bytes) => ioctl(fd, request, bytes));
  } catch {
    // Returns undefined if the request is not permitted or the filesystem was unmounted. Another mount point or /sys
    // may provide the data.
    return undefined;
  } finally {
    await handle?.close();
  }
}

type Ask = (request: number, bytes: Uint8Array) => ReturnType<WaitingCFunction>;

async function askFilesystem(ask: Ask): Promise<{ fsid: string; devices: readonly BtrfsDevice[] } | undefined> {
  const info = Buffer.alloc(FS_INFO.bytes);
  if ((await ask(FS_INFO.request, info)).result < 0) return undefined;
  const view = viewOf(info);
  const highestId = view.getBigUint64(0, isLittle);
  const deviceCount = Number(view.getBigUint64(8, isLittle));
  const devices: BtrfsDevice[] = [];
  // Tries all ids up to the highest, because ids of removed disks are not reused and leave gaps.
  for (let id = 0n; id <= highestId && devices.length < deviceCount; id++) {
    const device = await askDevice(ask, id);
    if (device === "failed") return undefined;
    if (device !== "absent") devices.push(device);
  }
  return { fsid: info.toString("hex", FSID_AT, FSID_AT + UUID_BYTES), devices };
}

async function askDevice(ask: Ask, id: bigint): Promise<BtrfsDevice | "absent" | "failed"> {
  const info = Buffer.alloc(DEVICE_INFO.bytes);
  viewOf(info).setBigUint64(0, id, isLittle);
  const answer = await ask(DEVICE_INFO.request, info);
  if (answer.result < 0) return answer.errno === ENODEV ? "absent" : "failed";
  const stats = Buffer.alloc(DEVICE_STATS.bytes);
  viewOf(stats).setBigUint64(0, id, isLittle);
  viewOf(stats).setBigUint64(8, BigInt(BTRFS_ERROR_TYPES.length), isLittle);
  if ((await ask(DEVICE_STATS.request, stats)).result < 0) return "failed";
  const totalBytes = viewOf(info).getBigUint64(TOTAL_BYTES_AT, isLittle);
  const usedBytes = viewOf(info).getBigUint64(BYTES_USED_AT, isLittle);
  const path = info.toString("utf8", PATH_AT).split("\0", 1)[0]!;
  return {
    name: path.slice(path.lastIndexOf("/") + 1),
    uuid: dashed(info.toString("hex", UUID_AT, UUID_AT + UUID_BYTES)),
    totalBytes: Number(totalBytes),
    unusedBytes: Number(totalBytes - usedBytes),
    errors: BTRFS_ERROR_TYPES.map((_, i) => Number(viewOf(stats).getBigUint64(ERRORS_AT + 8 * i, isLittle))),
  };
}

const viewOf = (bytes: Buffer): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

const dashed = (hex: string): string => hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
