import { basename, dirname, normalize } from "node:path";
import { setImmediate } from "node:timers/promises";
import { invariant } from "@narthex/runtime";
import type { FileStats, Files, OpenMode } from "../files.ts";
import { DiskFaults } from "./disk-faults.ts";
import { systemError } from "./system-error.ts";
import { type Flush, SimulatedFile } from "./simulated-file.ts";

/** Number of turns of the event loop without a slow call after which the simulation considers all work finished. */
const IDLE_TURNS = 3;
/** Largest number of turns of the event loop that a slow call takes. */
const MAX_TURNS = 4;

class SimulatedFolder {
  readonly entries = new Map<string, Node>();
  /** The folder's entries that survive a power cut. */
  readonly durable = new Map<string, Node>();

  /** Returns a copy of the folder with the same entries and contents, all of them synced. */
  copy(): SimulatedFolder {
    const folder = new SimulatedFolder();
    for (const [name, node] of this.entries) folder.entries.set(name, node.copy());
    for (const [name, node] of folder.entries) folder.durable.set(name, node);
    return folder;
  }
}

type Node = SimulatedFile | SimulatedFolder;

/** A change of a folder's entry: the name gets a file or folder, or is removed. */
interface Edit {
  readonly folder: SimulatedFolder;
  readonly name: string;
  readonly node: Node | undefined;
}

interface OpenFile {
  readonly file: SimulatedFile;
  readonly mode: OpenMode;
  readonly path: string;
  position: number;
}

/**
 * A disk in memory that distinguishes synced from unsynced data. powerCut() loses unsynced data, and `faults` decides
 * which calls fail. The simulation is as strict as the standards: after a power cut, a new or renamed file certainly
 * exists only if its folder was synced. Each process mounts the disk, and a killed process loses its access.
 */
export class SimulatedDisk {
  readonly faults: DiskFaults;
  /**
   * Callback before each change and each sync, which also runs within synchronous code. The callback may throw, end the
   * process by kill(), or end the thread that makes the change.
   */
  onChange: ((endThread: (() => void) | undefined) => void) | undefined;
  /** Callback with the path of a file before one of its bits is flipped. */
  onFlip: ((path: string) => void) | undefined;
  /**
   * Whether a power cut loses random unsynced file names. If false, a power cut loses the newest names, as a journaling
   * file system does.
   */
  losesAnyNames = false;
  /**
   * Whether each slow call takes a random number of one to four turns of the event loop, so that the order of the calls
   * changes. If false, each call takes one turn.
   */
  reorders = false;
  readonly #random: () => number;
  readonly #root: SimulatedFolder;
  /** Changes of folders that are not synced, oldest first. A power cut keeps or loses each change completely. */
  #pending: (readonly Edit[])[] = [];
  /** Number of the process that mounted the disk last. All earlier processes have ended. */
  #process = 0;
  #callsInProgress = 0;

  constructor(random: () => number, root: SimulatedFolder = new SimulatedFolder()) {
    this.#random = random;
    this.#root = root;
    this.faults = new DiskFaults(random);
  }

  /** Returns another disk with copies of all files. The copies are synced. */
  copy(random: () => number): SimulatedDisk {
    return new SimulatedDisk(random, this.#root.copy());
  }

  /** Starts another process and returns its files. Later calls on the files of the previous process have no effect. */
  mount(): Files {
    return new Mount(this, ++this.#process);
  }

  /** Returns files for a process that only reads, in addition to the process that mounted last. */
  readerFiles(): Files {
    return new Mount(this, this.#process);
  }

  /** Returns files for a thread of the process that mounted last. `onEnd` is called when the thread has ended. */
  thread(onEnd: () => void): ThreadFiles {
    return new ThreadMount(this, this.#process, onEnd);
  }

  /** Ends the process that mounted last. Its completed writes stay, and its later calls have no effect. */
  kill(): void {
    this.#end();
    for (const file of this.#allFiles()) file.kill();
  }

  /** Cuts the power: loses unsynced data and ends the process. */
  powerCut(): void {
    this.#end();
    const survivors = Math.floor(this.#random() * (this.#pending.length + 1));
    const survives = (i: number): boolean => (this.losesAnyNames ? this.#random() < 0.5 : i < survivors);
    for (const [i, edits] of this.#pending.entries()) if (survives(i)) makeDurable(edits);
    this.#pending = [];
    this.#forEachNode(this.#root, (folder) => {
      folder.entries.clear();
      for (const [name, node] of folder.durable) folder.entries.set(name, node);
    });
    for (const file of this.#allFiles()) file.powerCut(this.#random);
  }

  /** Resolves when no call is in progress, including calls that are started by calls in progress. */
  async settled(): Promise<void> {
    for (let idle = 0; idle < IDLE_TURNS; idle = this.#callsInProgress > 0 ? 0 : idle + 1) await setImmediate();
  }

  /**
   * Waits for some turns of the event loop, like a slow call of the system. Never resolves if the process is killed in
   * the meantime.
   */
  async later(process: number): Promise<void> {
    this.#callsInProgress++;
    const turns = this.reorders ? 1 + Math.floor(this.#random() * MAX_TURNS) : 1;
    // oxlint-disable-next-line no-await-in-loop -- one turn after the other
    for (let turn = 0; turn < turns; turn++) await setImmediate();
    if (!this.isCurrent(process)) await never();
    this.#callsInProgress--;
  }

  isCurrent(process: number): boolean {
    return process === this.#process;
  }

  find(path: string): Node | undefined {
    let node: Node | undefined = this.#root;
    for (const part of normalize(path).split("/").filter(Boolean)) {
      if (!(node instanceof SimulatedFolder)) return undefined;
      node = node.entries.get(part);
    }
    return node;
  }

  folder(path: string): SimulatedFolder {
    const node = this.find(path);
    if (node === undefined) throw systemError("ENOENT", path);
    if (node instanceof SimulatedFile) throw systemError("ENOTDIR", path);
    return node;
  }

  file(path: string): SimulatedFile {
    const node = this.find(path);
    if (node === undefined) throw systemError("ENOENT", path);
    if (node instanceof SimulatedFolder) throw systemError("EISDIR", path);
    return node;
  }

  edit(edits: readonly Edit[]): void {
    for (const { folder, name, node } of edits) setEntry(folder.entries, name, node);
    this.#pending.push(edits);
  }

  /** Ends a sync. If the sync fails and partial syncs are enabled, some of its pages have reached the disk. */
  endSync(file: SimulatedFile, flush: Flush, path: number): void {
    if (this.faults.syncFails()) {
      file.failSync(flush, this.faults.partialSyncs ? () => this.#random() < 0.5 : undefined);
      throw systemError("EIO", `fdatasync of file ${path}`);
    }
    file.endSync(flush);
  }

  /** Syncs the changes of a folder. Also syncs changes of other folders that belong to the same step. */
  syncFolder(folder: SimulatedFolder): void {
    const touched = new Set([folder]);
    const chosen = new Set<readonly Edit[]>();
    for (const edits of this.#pending.toReversed()) {
      if (!edits.some((edit) => touched.has(edit.folder))) continue;
      chosen.add(edits);
      for (const edit of edits) touched.add(edit.folder);
    }
    for (const edits of this.#pending) if (chosen.has(edits)) makeDurable(edits);
    this.#pending = this.#pending.filter((edits) => !chosen.has(edits));
  }

  /** Returns the content of a file, without faults; undefined if the file does not exist. */
  bytesOf(path: string): Uint8Array | undefined {
    const node = this.find(path);
    if (!(node instanceof SimulatedFile)) return undefined;
    const bytes = new Uint8Array(node.size);
    node.read(bytes, 0);
    return bytes;
  }

  /** Returns the paths of files in which bits were flipped. */
  flippedPaths(): string[] {
    const paths: string[] = [];
    this.#forEachNode(this.#root, (folder, path) => {
      for (const [name, node] of folder.entries) {
        if (node instanceof SimulatedFile && node.isFlipped) paths.push(`${path}/${name}`);
      }
    });
    return paths;
  }

  #end(): void {
    this.#process++;
    this.#callsInProgress = 0;
  }

  #allFiles(): Set<SimulatedFile> {
    const seen = new Set<SimulatedFile>();
    this.#forEachNode(this.#root, (folder) => {
      for (const node of folder.entries.values()) if (node instanceof SimulatedFile) seen.add(node);
    });
    return seen;
  }

  #forEachNode(folder: SimulatedFolder, visit: (folder: SimulatedFolder, path: string) => void, path = ""): void {
    visit(folder, path);
    for (const [name, node] of folder.entries) {
      if (node instanceof SimulatedFolder) this.#forEachNode(node, visit, `${path}/${name}`);
    }
  }
}

function setEntry(entries: Map<string, Node>, name: string, node: Node | undefined): void {
  if (node === undefined) entries.delete(name);
  else entries.set(name, node);
}

function makeDurable(edits: readonly Edit[]): void {
  for (const { folder, name, node } of edits) setEntry(folder.durable, name, node);
}

/** The simulated disk as one process uses it. */
class Mount implements Files {
  readonly #disk: SimulatedDisk;
  protected readonly process: number;
  readonly #open = new Map<number, OpenFile>();
  #nextFile = 3;

  constructor(disk: SimulatedDisk, process: number) {
    this.#disk = disk;
    this.process = process;
  }

  /** Yields to other work. Never resolves if the process was killed. */
  turn(): Promise<void> {
    return this.#disk.later(this.process);
  }

  open(path: string, mode: OpenMode): number {
    this.#alive();
    const parent = this.#disk.folder(dirname(path));
    let file = parent.entries.get(basename(path));
    if (file instanceof SimulatedFolder) throw systemError("EISDIR", path);
    if (mode === "ax" && file !== undefined) throw systemError("EEXIST", path);
    if (file === undefined) {
      if (mode === "r" || mode === "r+") throw systemError("ENOENT", path);
      this.#changing();
      this.#disk.faults.creating(path);
      file = new SimulatedFile();
      this.#disk.edit([{ folder: parent, name: basename(path), node: file }]);
    } else {
      this.#disk.faults.opening(path);
      if (mode === "w" || mode === "direct") {
        this.#changing();
        file.truncate(0);
      }
    }
    const number = this.#nextFile++;
    this.#open.set(number, { file, mode, path, position: 0 });
    return number;
  }

  close(number: number): void {
    this.#alive();
    this.#opened(number);
    this.#open.delete(number);
  }

  write(number: number, bytes: Uint8Array): number {
    const opened = this.#opened(number);
    const appends = opened.mode === "a" || opened.mode === "ax";
    const position = appends ? opened.file.size : opened.position;
    const count = this.writeAt(number, bytes, position);
    opened.position = position + count;
    return count;
  }

  writeAt(number: number, bytes: Uint8Array, position: number): number {
    this.#changing();
    const { file, mode } = this.#opened(number);
    invariant(mode !== "r", "the file is open for reading only");
    const grows = Math.max(0, position + bytes.length - file.size);
    const count = this.#disk.faults.writing(bytes.length, grows);
    file.write(bytes.subarray(0, count), position);
    return count;
  }

  read(number: number, into: Uint8Array, position: number): number {
    this.#alive();
    const { file, path } = this.#opened(number);
    const { faults } = this.#disk;
    const bit = faults.reading(Math.max(0, Math.min(into.length, file.size - position)));
    if (bit !== undefined) {
      this.#disk.onFlip?.(path);
      file.flip(position * 8 + bit);
    }
    return file.read(into.subarray(0, faults.readingShort(into.length)), position);
  }

  async readLater(number: number, into: Uint8Array, position: number): Promise<number> {
    this.#alive();
    await this.turn();
    return this.read(number, into, position);
  }

  async sync(number: number): Promise<void> {
    this.#changing();
    await this.#sync(this.#opened(number).file, number);
  }

  async #sync(file: SimulatedFile, number: number): Promise<void> {
    const flush = file.beginSync();
    await this.turn();
    this.#disk.endSync(file, flush, number);
  }

  syncNow(number: number): void {
    this.#changing();
    const { file } = this.#opened(number);
    this.#disk.endSync(file, file.beginSync(), number);
  }

  async syncFolder(path: string): Promise<void> {
    this.#alive();
    this.#disk.folder(path);
    await this.turn();
    this.syncFolderNow(path);
  }

  syncFolderNow(path: string): void {
    this.#changing();
    const folder = this.#disk.folder(path);
    if (this.#disk.faults.syncFails()) throw systemError("EIO", `fsync of ${path}`);
    this.#disk.syncFolder(folder);
  }

  truncate(path: string, size: number): void {
    this.#changing();
    const file = this.#disk.file(path);
    this.#disk.faults.truncating(path);
    file.truncate(size);
  }

  rename(from: string, to: string): void {
    this.#changing();
    const source = this.#disk.folder(dirname(from));
    const target = this.#disk.folder(dirname(to));
    const node = source.entries.get(basename(from));
    if (node === undefined) throw systemError("ENOENT", from);
    const replaced = target.entries.get(basename(to));
    if (replaced instanceof SimulatedFolder && replaced.entries.size > 0) throw systemError("ENOTEMPTY", to);
    this.#disk.faults.renaming(from);
    this.#disk.edit([
      { folder: source, name: basename(from), node: undefined },
      { folder: target, name: basename(to), node },
    ]);
  }

  link(from: string, to: string): void {
    this.#changing();
    const node = this.#disk.file(from);
    const folder = this.#disk.folder(dirname(to));
    if (folder.entries.has(basename(to))) throw systemError("EEXIST", to);
    this.#disk.faults.creating(to);
    this.#disk.edit([{ folder, name: basename(to), node }]);
  }

  copy(from: string, to: string): void {
    const bytes = this.readWhole(from);
    const file = this.open(to, "w");
    try {
      for (let done = 0; done < bytes.length;) done += this.write(file, bytes.subarray(done));
    } finally {
      this.close(file);
    }
  }

  unlink(path: string): void {
    this.#changing();
    this.#disk.file(path);
    this.#disk.faults.removing(path);
    this.#disk.edit([{ folder: this.#disk.folder(dirname(path)), name: basename(path), node: undefined }]);
  }

  /** Removes a folder entry by entry, so that a crash can leave some of the entries. */
  remove(path: string): void {
    this.#alive();
    const node = this.#disk.find(path);
    if (node === undefined) return;
    this.#disk.faults.removing(path);
    if (node instanceof SimulatedFolder) for (const name of node.entries.keys()) this.remove(`${path}/${name}`);
    this.#changing();
    this.#disk.edit([{ folder: this.#disk.folder(dirname(path)), name: basename(path), node: undefined }]);
  }

  makeFolder(path: string): void {
    this.#alive();
    const node = this.#disk.find(path);
    if (node instanceof SimulatedFolder) return;
    if (node !== undefined) throw systemError("EEXIST", path);
    if (dirname(path) !== path) this.makeFolder(dirname(path));
    this.#changing();
    this.#disk.faults.creating(path);
    this.#disk.edit([{ folder: this.#disk.folder(dirname(path)), name: basename(path), node: new SimulatedFolder() }]);
  }

  list(path: string): string[] {
    this.#alive();
    return [...this.#disk.folder(path).entries.keys()].sort();
  }

  stat(path: string): FileStats {
    this.#alive();
    const node = this.#disk.find(path);
    if (node === undefined) throw systemError("ENOENT", path);
    return {
      size: node instanceof SimulatedFile ? node.size : 0,
      isFolder: node instanceof SimulatedFolder,
      mtimeMs: 0,
    };
  }

  readWhole(path: string): Uint8Array {
    const file = this.open(path, "r");
    try {
      const bytes = new Uint8Array(this.#opened(file).file.size);
      let done = 0;
      do done += this.read(file, bytes.subarray(done), done);
      while (done < bytes.length);
      return bytes;
    } finally {
      this.close(file);
    }
  }

  #opened(number: number): OpenFile {
    const opened = this.#open.get(number);
    if (opened === undefined) throw systemError("EBADF", `file ${number}`);
    return opened;
  }

  /** Calls `onChange`. Must be called before each change and each sync. */
  #changing(): void {
    this.#alive();
    this.changes(this.#disk);
    this.#alive();
  }

  protected changes(disk: SimulatedDisk): void {
    disk.onChange?.(undefined);
  }

  protected isAlive(): boolean {
    return this.#disk.isCurrent(this.process);
  }

  #alive(): void {
    if (!this.isAlive()) throw systemError("EIO", "the process was killed");
  }
}

/** The simulated disk as a thread of a process uses it. The thread can be ended. */
export interface ThreadFiles extends Files {
  /** Waits for a turn of the event loop. Never resolves if the thread has ended. */
  turn(): Promise<void>;
  /**
   * Waits for a turn of the event loop, even after the thread has ended. Used for messages of the system about the end
   * of the thread.
   */
  turnAfterEnd(): Promise<void>;
  /** Ends the thread. Its completed writes stay, and its later calls have no effect. */
  end(): void;
}

class ThreadMount extends Mount implements ThreadFiles {
  readonly #onEnd: () => void;
  #ended = false;

  constructor(disk: SimulatedDisk, process: number, onEnd: () => void) {
    super(disk, process);
    this.#onEnd = onEnd;
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#onEnd();
  }

  override async turn(): Promise<void> {
    await super.turn();
    if (this.#ended) await never();
  }

  turnAfterEnd(): Promise<void> {
    return super.turn();
  }

  protected override changes(disk: SimulatedDisk): void {
    disk.onChange?.(() => this.end());
    if (disk.faults.threadEnds()) this.end();
  }

  protected override isAlive(): boolean {
    return !this.#ended && super.isAlive();
  }
}

const never = (): Promise<never> => new Promise(() => {});
