import type { ListenAddress } from "@narthex/runtime";

/** A running program. */
export interface RunningProgram {
  readonly pid: number;
  readonly command: readonly string[];
  /** Working directory; undefined if it is not visible. */
  readonly cwd: string | undefined;
}

/** A listener on a port. */
export interface Listener {
  readonly port: number;
  readonly uid: number;
  /** undefined if it belongs to a user whose programs are not visible. */
  readonly program: RunningProgram | undefined;
}

/** Facts about a path from the file system. */
export interface PathFacts {
  readonly isFolder: boolean;
  readonly uid: number;
  /** Permission bits. */
  readonly mode: number;
}

/** The file system that a path is on. */
export interface Volume {
  /** Bytes that an unprivileged user can still write. */
  readonly freeBytes: number;
  readonly totalBytes: number;
  readonly freeInodes: number;
  /** 0 if the file system has no fixed number of inodes. */
  readonly totalInodes: number;
}

/** The kernel's state of its clock. */
interface ClockState {
  readonly isSynchronized: boolean;
  readonly maxErrorSeconds: number;
}

/** Facts about the machine and this process. No method changes anything. Unknown facts are undefined. */
export interface Machine {
  readonly nodeVersion: string;
  /** User id of this process. */
  readonly uid: number | undefined;
  /** Reads a file of /proc or /sys. */
  kernelText(path: string): Promise<string | undefined>;
  /** Finds the listeners on these TCP ports. */
  listenersOn(ports: readonly number[]): Promise<readonly Listener[]>;
  /** Listens on an address briefly. Resolves with the error code if that fails. */
  tryListen(address: ListenAddress): Promise<string | undefined>;
  /** Resolves symbolic links; returns a path that does not exist unchanged. */
  realPath(path: string): Promise<string>;
  /** Undefined if the path does not exist. */
  pathFacts(path: string): Promise<PathFacts | undefined>;
  /** Whether this process may read the path. */
  mayRead(path: string): Promise<boolean>;
  mayWrite(path: string): Promise<boolean>;
  /** Whether this process may access the entries of a folder. */
  mayEnter(path: string): Promise<boolean>;
  /** Names of at most `most` entries of a folder; empty if they cannot be listed. */
  namesIn(folder: string, most: number): Promise<readonly string[]>;
  volumeOf(path: string): Promise<Volume | undefined>;
  clockState(): Promise<ClockState | undefined>;
}
