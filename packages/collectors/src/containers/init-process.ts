import type { FileTree } from "../host-files/host-files.ts";
import { networkNamespace } from "./container-network.ts";

/** Data about a container that is read from one of its processes and rarely changes. */
interface InitProcess {
  readonly pid: string;
  readonly namespace: number | undefined;
  /** Soft limit of open files, or -1 for no limit. */
  readonly openFileLimit: number | undefined;
}

interface Known extends InitProcess {
  readonly inode: number;
  readonly readAt: number;
}

/** Time in ms after which a process's limits are read again, because limits can be changed. */
const FRESH_MS = 30_000;

/** Data about the first process of each container, which is kept from scrape to scrape. */
export class InitProcesses {
  #known = new Map<string, Known>();
  #next = new Map<string, Known>();

  /** Begins a scrape. Removes containers that the previous scrape did not use. */
  begin(): void {
    this.#known = this.#next;
    this.#next = new Map();
  }

  /**
   * Returns the data about a container's process. Reads the data again if the process changed or the data is old.
   * @param now ms of the monotonic clock
   */
  of({ path, inode }: { readonly path: string; readonly inode: number }, pid: string, proc: FileTree, now: number) {
    const known = this.#known.get(path);
    const isSame = known?.pid === pid && known.inode === inode && now - known.readAt < FRESH_MS;
    const found: Known = isSame
      ? known
      : { pid, inode, readAt: now, namespace: networkNamespace(proc, pid), openFileLimit: openFileLimit(proc, pid) };
    this.#next.set(path, found);
    return found;
  }
}

function openFileLimit(proc: FileTree, pid: string): number | undefined {
  const soft = /^Max open files\s+(\S+)/m.exec(proc.value(`${pid}/limits`) ?? "")?.[1];
  return soft === undefined ? undefined : soft === "unlimited" ? -1 : Number(soft);
}
