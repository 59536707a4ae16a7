import type { Clock } from "@narthex/runtime";
import type { FileTree } from "../host-files/host-files.ts";

/** Files in /sys/class/net/<device> that rarely change while the device exists. */
const STEADY_FILES = [
  "addr_assign_type",
  "address",
  "broadcast",
  "dev_id",
  "ifindex",
  "iflink",
  "name_assign_type",
  "type",
];

/** Time in ms after which the files of a device are read again. */
const FRESH_MS = 60_000;

/** A network device with the values of its steady files and of `flags`. A missing file has the value undefined. */
export interface SteadyDevice {
  readonly name: string;
  readonly values: ReadonlyMap<string, string | undefined>;
}

interface Kept extends SteadyDevice {
  readonly inode: number;
  readonly readAt: number;
}

/**
 * Caches the values of files that rarely change. The files of a device are read again after a minute, or when the name
 * belongs to another device or the device's flags changed. Flags also change before most drivers change an address,
 * because the device goes down first.
 */
export class SteadyFiles {
  readonly #clock: Clock;
  #kept = new Map<string, Kept>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Returns the device with its values. Reads `flags`, and the other files if their cached values may be out of date.
   */
  of(sys: FileTree, name: string, inode: number): SteadyDevice {
    const read = (file: string): string | undefined => sys.value(`class/net/${name}/${file}`);
    const now = this.#clock.monotonic();
    const flags = read("flags");
    let kept = this.#kept.get(name);
    const isKept = kept?.inode === inode && kept.values.get("flags") === flags && now - kept.readAt < FRESH_MS;
    if (kept === undefined || !isKept) {
      const values = new Map([["flags", flags], ...STEADY_FILES.map((file) => [file, read(file)] as const)]);
      this.#kept.set(name, (kept = { name, inode, readAt: now, values }));
    }
    return kept;
  }

  /** Removes all devices that are not in the list, so that removed devices use no memory. */
  keepOnly(devices: readonly SteadyDevice[]): void {
    if (this.#kept.size === devices.length) return;
    const names = new Set(devices.map(({ name }) => name));
    for (const name of this.#kept.keys()) if (!names.has(name)) this.#kept.delete(name);
  }
}
