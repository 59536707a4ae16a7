import { closeSync, constants, fstatSync, openSync, readSync, statfsSync, statSync } from "node:fs";

/** `struct statfs` says these of procfs and sysfs. */
const KERNEL_FILE_SYSTEMS: ReadonlySet<number> = new Set([0x9fa0, 0x62656572]);

/** Descriptors kept per tree; hosts with thousands of interfaces open the rest each time. */
const MAX_OPEN = 512;
/** Scrapes after which a descriptor is opened again: a file that something was mounted over is noticed by then. */
const MAX_SCRAPES = 64;
/** A file of sysfs that is shorter than this came whole with one read. */
const SYSFS_PAGE = 4096;

/** What a read says of a file whose device or module went away: its name may mean another one by now. */
const GONE: ReadonlySet<unknown> = new Set(["ENODEV", "ENXIO", "EIO", "ESTALE", "ENOTCONN", "EBADF"]);

/** Number of the current scrape; folders are checked once in each. */
let scrape = 1;

/** A scrape begins: what was kept open from the last one is checked before it is used. */
export const beginScrape = (): void => void scrape++;

/** Grows to the largest file read; files of procfs have no size, so reading ends at the first empty read. */
let scratch = Buffer.allocUnsafe(64 * 1024);

/** Content of an open file from its beginning; with `isPaged` less than a page is all there is. */
function readDescriptor(fd: number, isPaged: boolean): string {
  let length = 0;
  for (;;) {
    if (length === scratch.length) scratch = Buffer.concat([scratch, Buffer.allocUnsafe(scratch.length)]);
    const count = readSync(fd, scratch, length, scratch.length - length, length);
    length += count;
    if (count === 0 || (isPaged && length < SYSFS_PAGE)) return scratch.toString("utf8", 0, length);
  }
}

// O_NONBLOCK: some drivers make a plain read wait for the device.
const open = (path: string): number => openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);

/** Whole content of a file. Throws Node's error. */
export function readWhole(path: string): string {
  const fd = open(path);
  try {
    let length = 0;
    for (;;) {
      if (length === scratch.length) scratch = Buffer.concat([scratch, Buffer.allocUnsafe(scratch.length)]);
      // Without a position: pipes and sockets have none.
      const count = readSync(fd, scratch, length, scratch.length - length, null);
      if (count === 0) return scratch.toString("utf8", 0, length);
      length += count;
    }
  } finally {
    closeSync(fd);
  }
}

/** A folder as it was when the descriptors of its files were opened. */
interface Folder {
  readonly path: string;
  readonly files: Set<CachedFile>;
  /** Inode, and whether there is a folder at all, or 0 if there is none. */
  inode: number;
  device: number;
  checkedAt: number;
}

/** A file that may be open. */
interface CachedFile {
  readonly path: string;
  readonly folder: Folder;
  /** -1 while it is not open. */
  fd: number;
  openedAt: number;
  /** On another file system than the tree's root, so opened each time. */
  isForeign: boolean;
}

/**
 * Files of a procfs or sysfs read through descriptors that stay open, since opening costs several times what reading
 * does. Each scrape first asks whether the file's folder is still the one it was: an interface that was renamed, a
 * device that came back or a tree mounted again has another inode.
 */
export class DescriptorCache {
  readonly #root: string;
  readonly #isPaged: boolean;
  readonly #device: number;
  readonly #folders = new Map<string, Folder>();
  readonly #files = new Map<string, CachedFile>();
  #open = 0;

  /** @param root the tree's folder, with a slash at its end */
  private constructor(root: string, isPaged: boolean) {
    this.#root = root;
    this.#isPaged = isPaged;
    this.#device = statSync(root).dev;
  }

  /** undefined if the folder is no kernel file system: a recorded tree is read as it lies on the disk. */
  static over(root: string): DescriptorCache | undefined {
    try {
      const { type } = statfsSync(root);
      return KERNEL_FILE_SYSTEMS.has(type) ? new DescriptorCache(root, type !== 0x9fa0) : undefined;
    } catch {
      return undefined;
    }
  }

  /** Whole content. Throws Node's error. */
  read(relative: string): string {
    const first = relative.charCodeAt(0);
    // A process's folder is soon gone, and there are many.
    if (first >= 48 && first <= 57) return readWhole(this.#root + relative);
    const file = this.#files.get(relative) ?? this.#remember(relative);
    this.#check(file.folder);
    if (file.fd !== -1 && scrape - file.openedAt > MAX_SCRAPES) this.#close(file);
    if (file.fd === -1) {
      if (file.isForeign || this.#open >= MAX_OPEN) return readWhole(file.path);
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

  /** Is there such a folder? Asked once in each scrape. */
  isFolder(relative: string): boolean {
    const folder = this.#folderOf(relative);
    this.#check(folder);
    return folder.inode !== 0;
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

  #remember(relative: string): CachedFile {
    if (this.#files.size > 16 * MAX_OPEN) this.#forget();
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
      folder = { path: this.#root + relative, files: new Set(), inode: 0, device: 0, checkedAt: 0 };
      this.#folders.set(relative, folder);
    }
    return folder;
  }

  /** Closes what was opened in a folder that is another one by now. */
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

  /** Interfaces come and go under new names: start over. */
  #forget(): void {
    for (const file of this.#files.values()) this.#close(file);
    this.#files.clear();
    this.#folders.clear();
  }
}
