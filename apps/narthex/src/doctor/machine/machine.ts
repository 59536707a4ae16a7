import type { ListenAddress } from "@narthex/runtime";

/** A program that runs. */
export interface RunningProgram {
  readonly pid: number;
  /** Its command line. */
  readonly command: readonly string[];
  /** Its working directory; undefined where that is not shown. */
  readonly cwd: string | undefined;
}

/** Who listens on a port. */
export interface Listener {
  readonly port: number;
  readonly uid: number;
  /** undefined where it belongs to a user whose programs are not shown. */
  readonly program: RunningProgram | undefined;
}

/** What the file system says of a path. */
export interface PathFacts {
  readonly isFolder: boolean;
  readonly uid: number;
  /** Permission bits. */
  readonly mode: number;
}

/** The file system that a path is on. */
export interface Volume {
  /** Bytes that an unprivileged user may still write. */
  readonly freeBytes: number;
  readonly totalBytes: number;
  readonly freeInodes: number;
  /** 0 where the file system has no fixed number of them. */
  readonly totalInodes: number;
}

/** What the kernel says of its clock. */
export interface ClockState {
  readonly isSynchronized: boolean;
  readonly maxErrorSeconds: number;
}

/** Facts of the machine and of this process; nothing is changed. What cannot be told is undefined. */
export interface Machine {
  readonly nodeVersion: string;
  /** The user this process runs as. */
  readonly uid: number | undefined;
  /** A file of /proc or /sys. */
  kernelText(path: string): Promise<string | undefined>;
  /** Who listens on one of these TCP ports. */
  listenersOn(ports: readonly number[]): Promise<readonly Listener[]>;
  /** Listens on an address for a moment; the error code where that is refused. */
  tryListen(address: ListenAddress): Promise<string | undefined>;
  /** A path without symbolic links; as it is where there is nothing. */
  realPath(path: string): Promise<string>;
  /** Undefined where there is nothing. */
  pathFacts(path: string): Promise<PathFacts | undefined>;
  /** May this process do so? */
  mayRead(path: string): Promise<boolean>;
  mayWrite(path: string): Promise<boolean>;
  /** Of a folder: may it reach what is in it? */
  mayEnter(path: string): Promise<boolean>;
  /** Names of what is in a folder, so many at most; none where that is not shown. */
  namesIn(folder: string, most: number): Promise<readonly string[]>;
  volumeOf(path: string): Promise<Volume | undefined>;
  clockState(): Promise<ClockState | undefined>;
}
