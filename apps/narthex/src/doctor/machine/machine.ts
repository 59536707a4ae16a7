import type { ListenAddress } from "@narthex/runtime";

/** A running program. */
export interface RunningProgram {
  readonly pid: number;
  readonly command: readonly string[];
  /** Working directory; undefined if this user may not see it. */
  readonly cwd: string | undefined;
}

export interface Listener {
  readonly port: number;
  readonly uid: number;
  /** The program that listens. Undefined if the program belongs to another user and is not visible. */
  readonly program: RunningProgram | undefined;
}

export interface PathStatus {
  readonly isFolder: boolean;
  readonly uid: number;
  /** Permission bits of the file or folder. */
  readonly mode: number;
}

/** The file system that a path is on. */
export interface Volume {
  /** Free bytes for users other than root. */
  readonly freeBytes: number;
  readonly totalBytes: number;
  readonly freeInodes: number;
  /** The total number of inodes; 0 if the file system has no fixed number. */
  readonly totalInodes: number;
}

interface ClockState {
  readonly isSynchronized: boolean;
  readonly maxErrorSeconds: number;
}

/** Information about the machine and this process. The methods change nothing. Unknown values are undefined. */
export interface Machine {
  readonly nodeVersion: string;
  readonly uid: number | undefined;
  /** Reads a file of /proc or /sys. */
  kernelText(path: string): Promise<string | undefined>;
  listenersOn(ports: readonly number[]): Promise<readonly Listener[]>;
  /** Opens a listening socket on an address and closes it again. Resolves with the error code if that fails. */
  tryListen(address: ListenAddress): Promise<string | undefined>;
  /** Resolves symbolic links. A path that does not exist is returned unchanged. */
  realPath(path: string): Promise<string>;
  /** Returns the properties of a path; undefined if it does not exist. */
  pathStatus(path: string): Promise<PathStatus | undefined>;
  mayRead(path: string): Promise<boolean>;
  mayWrite(path: string): Promise<boolean>;
  /** Whether this process may access the entries of a folder. */
  mayEnter(path: string): Promise<boolean>;
  /** Names of at most `most` entries of a folder; empty if they cannot be listed. */
  namesIn(folder: string, most: number): Promise<readonly string[]>;
  volumeOf(path: string): Promise<Volume | undefined>;
  clockState(): Promise<ClockState | undefined>;
}
