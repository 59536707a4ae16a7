import { createHash } from "node:crypto";
import { readdir, readFile, realpath, stat } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { dashboardOfFile } from "./dashboard-of-file.ts";

export interface DashboardFile {
  /** Path of the file, relative to the provider's folder. */
  readonly name: string;
  readonly path: string;
  /** Names of the folders between the provider's folder and the file. */
  readonly folders: readonly string[];
  readonly checksum: string;
  /** Uid and title of the dashboard. If the file contains no uid, one is derived from the file's name. */
  readonly uid: string;
  readonly title: string;
}

/** The result of a scan of a provider's files. */
export interface Listing {
  readonly files: readonly DashboardFile[];
  readonly uids: ReadonlySet<string>;
  /** Problems by the path of the file or folder. Files beyond the limit are also reported here. */
  readonly problems: ReadonlyMap<string, string>;
}

/** A file that an earlier scan has read. The file is not read again while `state` stays the same. */
interface Known {
  readonly state: string;
  readonly file: DashboardFile;
}

interface Limits {
  readonly files: number;
  readonly bytes: number;
  /** Largest depth of folders within folders. */
  readonly depth: number;
}

const LIMITS: Limits = { files: 20_000, bytes: 64 * 1024 * 1024, depth: 32 };

/** Reads a provider's files repeatedly. Unchanged files are not opened again. */
export class DashboardFiles {
  readonly #root: string;
  readonly #provider: string;
  readonly #limits: Limits;
  #base: string;
  #known = new Map<string, Known>();

  /** @param root a folder, or a file */
  constructor(root: string, provider: string, limits: Partial<Limits> = {}) {
    this.#root = root;
    this.#base = root;
    this.#provider = provider;
    this.#limits = { ...LIMITS, ...limits };
  }

  /** Reads new and changed files. Returns all files, including unchanged ones. Rejects if the folder cannot be read. */
  async list(): Promise<Listing> {
    const stats = await stat(this.#root);
    this.#base = stats.isDirectory() ? this.#root : dirname(this.#root);
    const problems = new Map<string, string>();
    const paths = stats.isDirectory() ? await this.#walk(problems) : [this.#root];
    const known = new Map<string, Known>();
    for (const path of paths) {
      try {
        known.set(path, await this.#look(path));
      } catch (error) {
        // A file with an error is not cached, so that the next scan reads it again. The cause may disappear without a
        // change of the file.
        problems.set(path, messageOf(error));
      }
    }
    this.#known = known;
    const files = [...known.values()].map(({ file }) => file);
    return { files, uids: new Set(files.map(({ uid }) => uid)), problems };
  }

  /**
   * Reports whether a file of an earlier scan was removed. Returns false if the file cannot be examined, or if its
   * whole folder is missing, because the folder may be mounted again.
   */
  async isRemoved(name: string): Promise<boolean> {
    const path = join(this.#base, name);
    if (this.#base !== this.#root && path !== this.#root) return true;
    return (await isMissing(path)) && !(await isMissing(this.#root));
  }

  /**
   * Returns the paths of all `*.json` files below the folder. Follows links, but visits each folder once. Rejects if
   * the folder cannot be read.
   */
  async #walk(problems: Map<string, string>): Promise<readonly string[]> {
    const { files: most, depth: deepest } = this.#limits;
    const found: string[] = [];
    const leftOut: string[] = [];
    const seen = new Set<string>();
    const enter = async (folder: string, depth: number): Promise<void> => {
      if (depth > deepest) {
        problems.set(folder, `the folder lies more than ${deepest} deep: its files are left out`);
        return;
      }
      const real = await realpath(folder);
      if (seen.has(real)) return;
      seen.add(real);
      const entries = await readdir(folder, { withFileTypes: true });
      for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
        const path = join(folder, entry.name);
        const stats = entry.isSymbolicLink() ? await stat(path).catch(() => undefined) : entry;
        if (stats === undefined) {
          if (entry.name.endsWith(".json")) problems.set(path, "the link is broken");
        } else if (stats.isDirectory()) {
          // Skips names that begin with a dot, because Kubernetes stores mounted files in `..data` and creates links to
          // them.
          if (entry.name.startsWith(".")) continue;
          await enter(path, depth + 1).catch((error: unknown) => problems.set(path, messageOf(error)));
        } else if (entry.name.endsWith(".json")) (found.length < most ? found : leftOut).push(path);
      }
    };
    await enter(this.#root, 0);
    if (leftOut.length > 0) {
      const named = leftOut.slice(0, MAX_NAMED).join(", ");
      const others = leftOut.length > MAX_NAMED ? ` and ${leftOut.length - MAX_NAMED} others` : "";
      problems.set(this.#root, `a provider has ${most} files at most: ${named}${others} are left out`);
    }
    return found;
  }

  async #look(path: string): Promise<Known> {
    const { mtimeMs, ctimeMs, size, ino } = await stat(path);
    const state = `${mtimeMs} ${ctimeMs} ${size} ${ino}`;
    const before = this.#known.get(path);
    if (before?.state === state) return before;
    if (size > this.#limits.bytes) throw new Error(`the file is larger than ${this.#limits.bytes} bytes`);
    return { state, file: await this.#read(path, await readFile(path, "utf8")) };
  }

  async #read(path: string, text: string): Promise<DashboardFile> {
    const { uid, title } = (await dashboardOfFile(text)).json;
    if (typeof title !== "string" || title.trim() === "") throw new Error("Dashboard title cannot be empty");
    const name = relative(this.#base, path);
    const folder = dirname(name);
    const given = typeof uid === "string" ? uid.trim() : "";
    return {
      name,
      path,
      folders: folder === "." ? [] : folder.split("/"),
      checksum: digest(text),
      uid: given === "" ? `f${digest(`${this.#provider}\n${name}`).slice(0, 13)}` : given,
      title: title.trim(),
    };
  }
}

/** Reports whether a path does not exist. If it cannot be examined, returns false. */
const isMissing = async (path: string): Promise<boolean> => {
  try {
    await stat(path);
    return false;
  } catch (error) {
    return ["ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "");
  }
};

/** Maximum number of files beyond the limit that are reported individually. */
const MAX_NAMED = 5;

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const digest = (text: string): string => createHash("sha256").update(text).digest("hex");
