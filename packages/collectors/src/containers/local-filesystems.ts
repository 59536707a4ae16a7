import { type Clock, mapWithLimit, type Steps } from "@narthex/runtime";
import { type Mount, MountList } from "../filesystem/mount-info.ts";
import { statFs } from "../filesystem/mount-prober.ts";
import { belowRoot, type HostFiles, isMissing } from "../host-files/host-files.ts";
import { runInTurns } from "../collection/turns.ts";
import { TIMED_OUT, withinLimit } from "../collection/time-limit.ts";

/** Space and inodes of one file system. */
export interface FilesystemSpace {
  /** Name that cAdvisor uses: the mounted device, or the mount point of a tmpfs. */
  readonly device: string;
  /** `major:minor` of the device, as in mountinfo. */
  readonly number: string;
  readonly limit: number;
  readonly usage: number;
  readonly inodes: number;
  readonly inodesFree: number;
}

/**
 * Types of local file systems, whose statfs answers immediately. Network mounts are never asked, because their server
 * may be down.
 */
const LOCAL =
  /^(?:ext\d?|xfs|btrfs|zfs|f2fs|jfs|reiserfs|squashfs|tmpfs|vfat|exfat|ntfs3?|udf|iso9660|hfsplus|bcachefs)$/;

/** Matches mounts that belong to a single container or pod and disappear with it. */
const PER_CONTAINER = /[0-9a-f]{64}|\/kubelet\/pods\/|\/overlay\/|\/containerd\/.+\/(?:rootfs|sandboxes)\//;

/** Time in ms after which mounts are asked for their space again, because space changes little between two scrapes. */
const FRESH_MS = 10_000;
/** Longest time in ms that a scrape waits for the answers of all mounts together. */
const WAIT_MS = 500;

/** Maximum number of mounts whose space is requested at the same time. */
const MAX_ASKED = 64;

interface Asked extends FilesystemSpace {
  readonly mountPoint: string;
}

/** Space of the host's local file systems, as the kernel last reported it. */
export class LocalFilesystems {
  readonly #clock: Clock;
  readonly #known = new Map<string, Asked>();
  /** Mount points that have not answered yet. Every such mount point blocks one of Node's few file system threads. */
  readonly #pending = new Set<string>();
  #askedAt = Number.NEGATIVE_INFINITY;
  readonly #list = new MountList(() => true);
  #mounts: readonly Mount[] = [];
  /** Device of the file system that contains a folder, by folder. Valid for the current mounts. */
  readonly #holding = new Map<string, string | undefined>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async look(files: HostFiles): Promise<readonly FilesystemSpace[]> {
    if (this.#clock.monotonic() - this.#askedAt >= FRESH_MS) {
      this.#askedAt = this.#clock.monotonic();
      this.#mounts = await runInTurns(this.#clock, visibleMounts(this.#list, files));
      this.#holding.clear();
      const wanted = await runInTurns(this.#clock, oneMountEach(this.#mounts));
      for (const device of this.#known.keys()) if (!wanted.has(device)) this.#known.delete(device);
      const asked = this.#askAll(files, wanted);
      if ((await withinLimit(this.#clock, WAIT_MS, asked)) === TIMED_OUT) asked.catch(() => undefined);
    }
    return [...this.#known.values()];
  }

  /**
   * Asks all mounts for their space, a limited number at a time. Otherwise thousands of answers would arrive in one
   * turn of the event loop.
   */
  async #askAll(files: HostFiles, wanted: ReadonlyMap<string, Mount>): Promise<void> {
    await mapWithLimit([...wanted], MAX_ASKED, ([device, mount]) => this.#ask(files, device, mount));
  }

  async #ask(files: HostFiles, device: string, { mountPoint, major, minor }: Mount): Promise<void> {
    if (this.#pending.has(mountPoint)) return;
    this.#pending.add(mountPoint);
    try {
      const stats = await statFs(belowRoot(files, mountPoint));
      this.#known.set(device, {
        device,
        number: `${major}:${minor}`,
        mountPoint,
        limit: stats.blocks * stats.bsize,
        usage: (stats.blocks - stats.bfree) * stats.bsize,
        inodes: stats.files,
        inodesFree: stats.ffree,
      });
    } catch {
      // Removes the file system, because it was unmounted after it was listed, or because this process cannot access
      // its mount point.
      this.#known.delete(device);
    } finally {
      this.#pending.delete(mountPoint);
    }
  }

  /** Returns the file system that contains a folder of the host, or undefined if it is not a local one. */
  holding(folder: string): FilesystemSpace | undefined {
    if (!this.#holding.has(folder)) this.#holding.set(folder, this.#deviceHolding(folder));
    const device = this.#holding.get(folder);
    return device === undefined ? undefined : this.#known.get(device);
  }

  #deviceHolding(folder: string): string | undefined {
    const holds = ({ mountPoint }: Mount): boolean =>
      mountPoint === "/" || folder === mountPoint || folder.startsWith(`${mountPoint}/`);
    const deepest = this.#mounts
      .filter(holds)
      .reduce<Mount | undefined>(
        (best, mount) => (best === undefined || mount.mountPoint.length >= best.mountPoint.length ? mount : best),
        undefined,
      );
    return deepest && deviceOf(deepest);
  }
}

/** Returns the mounts of the host, or none if this process may not see other processes. */
function* visibleMounts(list: MountList, files: HostFiles): Steps<readonly Mount[]> {
  try {
    return yield* list.listing(files);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

const deviceOf = ({ fsType, mountPoint, device }: Mount): string => (fsType === "tmpfs" ? mountPoint : device);

/** Returns the first mount of every local device, and the root's mount whatever its type. */
function* oneMountEach(mounts: readonly Mount[]): Steps<ReadonlyMap<string, Mount>> {
  const found = new Map<string, Mount>();
  for (const mount of mounts) {
    yield;
    const isWanted = LOCAL.test(mount.fsType) && !PER_CONTAINER.test(mount.mountPoint);
    if (!isWanted && mount.mountPoint !== "/") continue;
    if (!found.has(deviceOf(mount))) found.set(deviceOf(mount), mount);
  }
  return found;
}
