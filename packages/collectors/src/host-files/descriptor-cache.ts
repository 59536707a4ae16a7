import { closeSync, constants, fstatSync, openSync, readSync, statfsSync, statSync } from "node:fs";

/** File system type numbers in `struct statfs` of procfs and sysfs. */
const KERNEL_FILE_SYSTEMS: ReadonlySet<number> = new Set([0x9fa0, 0x62656572]);

/**
 * Largest number of open descriptors per tree. On hosts with thousands of interfaces, further files are opened for each
 * read.
 */
const MAX_OPEN = 512;
/** Maximum number of cached file entries per tree, with or without an open descriptor. */
const MAX_FILES = 16 * MAX_OPEN;
/** Number of scrapes after which a descriptor is reopened, so that a new mount over the file is noticed. */
const MAX_SCRAPES = 64;
/** Page size of sysfs files: a read with fewer bytes has reached the end of the file. */
const SYSFS_PAGE = 4096;

/** Error codes of a read if the file's device or module was removed. A new device may already have its name. */
const GONE: ReadonlySet<unknown> = new Set(["ENODEV", "ENXIO", "EIO", "ESTALE", "ENOTCONN", "EBADF"]);

/**
 * Files that more than one collector reads. Each scrape reads them once, because reading them is slow on hosts with
 * many CPUs.
 */
const SHARED: ReadonlySet<string> = new Set(["stat", "net/netstat"]);

/** Number of the current scrape. Folders are checked once per scrape, which is recognised by this number. */
let scrape = 1;

/** Begins a scrape. Open descriptors are then checked before their next use. */
export const beginScrape = (): void => void scrape++;

/**
 * Read buffer that grows to the size of the largest file. procfs files report no size, so reading ends at the first
 * empty read.
 */
let scratch = Buffer.allocUnsafe(64 * 1024);

/** Reads an open file from its beginning. With `isPaged`, a read of less than a page means the end of the file. */
function readDescriptor(fd: number, isPaged: boolean): string {
  let length = 0;
  for (;;) {
    if (length === scratch.length) scratch = Buffer.concat([scratch, Buffer.allocUnsafe(scratch.length)]);
    const count = readSync(fd, scratch, length, scratch.length - length, length);
    length += count;
    if (count === 0 || (isPaged && length < SYSFS_PAGE)) return scratch.toString("utf8", 0, length);
  }
}

// Opens a file with O_NONBLOCK, because some drivers make a plain read wait for the device.
const open = (path: string): number => openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);

/**
 * Returns the whole content of a file. With `isPaged`, a read of less than a page means the end of the file. Throws
 * Node's error.
 */
export function readWhole(path: string, isPaged = false): string {
  const fd = open(path);
  try {
    let length = 0;
    for (;;) {
      if (length === scratch.length) scratch = Buffer.concat([scratch, Buffer.allocUnsafe(scratch.length)]);
      // Reads without a position, because pipes and sockets have none.
      const count = readSync(fd, scratch, length, scratch.length - length, null);
      length += count;
      if (count === 0 || (isPaged && length < SYSFS_PAGE)) return scratch.toString("utf8", 0, length);
    }
  } finally {
    closeSync(fd);
  }
}

/** A folder, in the state at which the descriptors of its files were opened. */
interface Folder {
  readonly path: string;
  readonly files: Set<CachedFile>;
  /** Inode of the folder, or 0 if it does not exist. */
  inode: number;
  device: number;
  checkedAt: number;
}

/** A file that is cached, with or without an open descriptor. */
interface CachedFile {
  readonly path: string;
  readonly folder: Folder;
  /** File descriptor; -1 if the file is not open. */
  fd: number;
  openedAt: number;
  /**
   * True if the file is on a different file system than the root of the tree. Such files are reopened for each read.
   */
  isForeign: boolean;
}

/**
 * Reads procfs or sysfs files through descriptors that stay open, because opening a file costs more than several reads.
 * Each scrape first checks the inode of the file's folder: it changes if an interface was renamed, a device came back
 * or a tree was mounted again.
 */
export class DescriptorCache {
  readonly #root: string;
  readonly #isPaged: boolean;
  readonly #device: number;
  readonly #folders = new Map<string, Folder>();
  readonly #files = new Map<string, CachedFile>();
  readonly #shared = new Map<string, { readAt: number; content: string }>();
  #open = 0;
  /** Number of the scrape in which unused files were last removed from the cache. */
  #forgotAt = 0;

  /** @param root the tree's folder, with a slash at its end */
  private constructor(root: string, isPaged: boolean) {
    this.#root = root;
    this.#isPaged = isPaged;
    this.#device = statSync(root).dev;
  }

  /**
   * Returns a cache. Returns undefined if the folder is not on a kernel file system, because files of a recorded tree
   * are read from the disk each time.
   */
  static over(root: string): DescriptorCache | undefined {
    try {
      const { type } = statfsSync(root);
      return KERNEL_FILE_SYSTEMS.has(type) ? new DescriptorCache(root, type !== 0x9fa0) : undefined;
    } catch {
      return undefined;
    }
  }

  /** Returns the whole content of a file. Throws Node's error. */
  read(relative: string): string {
    if (!SHARED.has(relative)) return this.#read(relative);
    let text = this.#shared.get(relative);
    if (text?.readAt !== scrape) this.#shared.set(relative, (text = { readAt: scrape, content: this.#read(relative) }));
    return text.content;
  }

  #read(relative: string): string {
    const first = relative.charCodeAt(0);
    // Does not keep files in process folders open, because process folders are many and short-lived.
    if (first >= 48 && first <= 57) return readWhole(this.#root + relative);
    const file = this.#files.get(relative) ?? this.#remember(relative);
    if (file === undefined) return readWhole(this.#root + relative, this.#isPaged);
    this.#check(file.folder);
    if (file.fd !== -1 && scrape - file.openedAt > MAX_SCRAPES) this.#close(file);
    if (file.fd === -1) {
      if (file.isForeign || this.#open >= MAX_OPEN) return readWhole(file.path, this.#isPaged && !file.isForeign);
      return this.#readNew(file);
    }
    try {
      return readDescriptor(file.fd, this.#isPaged);
    } catch (error) {
      if (!GONE.has((error as { code?: unknown }).code)) throw error;
      this.#close(file);
      return this.#readNew(file);
    }
  }

  /** Returns whether the folder exists. Checks the folder once in each scrape. */
  isFolder(relative: string): boolean {
    return this.inode(relative) !== undefined;
  }

  /** Returns the folder's inode; undefined if the folder does not exist. Checks the folder once in each scrape. */
  inode(relative: string): number | undefined {
    const folder = this.#folderOf(relative);
    this.#check(folder);
    return folder.inode === 0 ? undefined : folder.inode;
  }

  #readNew(file: CachedFile): string {
    const fd = open(file.path);
    if (fstatSync(fd).dev !== this.#device) {
      closeSync(fd);
      file.isForeign = true;
      return readWhole(file.path);
    }
    file.fd = fd;
    file.openedAt = scrape;
    this.#open++;
    try {
      return readDescriptor(fd, this.#isPaged);
    } catch (error) {
      if (GONE.has((error as { code?: unknown }).code)) this.#close(file);
      throw error;
    }
  }

  /** Adds a file to the cache. Returns undefined if the cache is full of files that are in use. */
  #remember(relative: string): CachedFile | undefined {
    if (this.#files.size >= MAX_FILES) this.#forgetUnused();
    if (this.#files.size >= MAX_FILES) return undefined;
    const slash = relative.lastIndexOf("/");
    const folder = this.#folderOf(slash === -1 ? "" : relative.slice(0, slash));
    const file = { path: this.#root + relative, folder, fd: -1, openedAt: 0, isForeign: false };
    folder.files.add(file);
    this.#files.set(relative, file);
    return file;
  }

  #folderOf(relative: string): Folder {
    let folder = this.#folders.get(relative);
    if (folder === undefined) {
      if (this.#folders.size >= MAX_FILES) this.#forgetUnused();
      folder = { path: this.#root + relative, files: new Set(), inode: 0, device: 0, checkedAt: 0 };
      this.#folders.set(relative, folder);
    }
    return folder;
  }

  /** Closes the files of a folder if the folder was replaced. */
  #check(folder: Folder): void {
    if (folder.checkedAt === scrape) return;
    folder.checkedAt = scrape;
    const stats = statSync(folder.path, { throwIfNoEntry: false });
    const isThere = stats?.isDirectory() === true;
    const inode = isThere ? stats.ino : 0;
    const device = isThere ? stats.dev : 0;
    if (inode === folder.inode && device === folder.device) return;
    folder.inode = inode;
    folder.device = device;
    for (const file of folder.files) {
      this.#close(file);
      file.isForeign = false;
    }
  }

  #close(file: CachedFile): void {
    if (file.fd === -1) return;
    this.#open--;
    closeSync(file.fd);
    file.fd = -1;
  }

  /**
   * Closes and removes the files of folders that were not read in the last two scrapes, so that removed interfaces do
   * not fill the cache. Runs at most once per scrape.
   */
  #forgetUnused(): void {
    if (this.#forgotAt === scrape) return;
    this.#forgotAt = scrape;
    for (const [relative, folder] of this.#folders) {
      if (scrape - folder.checkedAt < 2) continue;
      this.#folders.delete(relative);
      for (const file of folder.files) {
        this.#close(file);
        this.#files.delete(file.path.slice(this.#root.length));
      }
    }
  }
}
