import { createHash } from "node:crypto";
import type { Stats } from "node:fs";
import { readdir, readFile, realpath, stat } from "node:fs/promises";
import { dirname, join, relative } from "node:path";

/** A file that holds a dashboard. */
export interface DashboardFile {
  /** Below the provider's folder. */
  readonly name: string;
  readonly path: string;
  /** Folders between the provider's folder and the file. */
  readonly folders: readonly string[];
  readonly checksum: string;
  /** `uid` and `title` of the JSON; a file without a uid has one made of its name. */
  readonly uid: string;
  readonly title: string;
}

/** What the files of a provider were when they were read last. */
export interface Listing {
  readonly files: readonly DashboardFile[];
  /** What is wrong with the others, by their paths. */
  readonly problems: ReadonlyMap<string, string>;
}

interface Known {
  readonly mtimeMs: number;
  readonly size: number;
  readonly file: DashboardFile | undefined;
  readonly problem: string | undefined;
}

const MAX_FILES = 20_000;
const MAX_BYTES = 64 * 1024 * 1024;
const MAX_DEPTH = 32;

/** Reads a provider's files again and again; those that have not changed are not opened. */
export class DashboardFiles {
  readonly #root: string;
  readonly #provider: string;
  #known = new Map<string, Known>();

  /** @param root a folder, or a file */
  constructor(root: string, provider: string) {
    this.#root = root;
    this.#provider = provider;
  }

  /** Rejects where the folder cannot be read. */
  async list(): Promise<Listing> {
    const facts = await stat(this.#root);
    const base = facts.isDirectory() ? this.#root : dirname(this.#root);
    const paths = facts.isDirectory() ? await this.#walk() : [this.#root];
    const known = new Map<string, Known>();
    for (const path of paths) known.set(path, await this.#look(path, base));
    this.#known = known;
    const problems = [...known].flatMap(([path, { problem }]): [string, string][] =>
      problem === undefined ? [] : [[path, problem]],
    );
    return { files: [...known.values()].flatMap(({ file }) => file ?? []), problems: new Map(problems) };
  }

  /** All `*.json` below the folder, by path; links are followed, each folder once. */
  async #walk(): Promise<readonly string[]> {
    const found: string[] = [];
    const seen = new Set<string>();
    const enter = async (folder: string, depth: number): Promise<void> => {
      const real = await realpath(folder);
      if (seen.has(real) || depth > MAX_DEPTH) return;
      seen.add(real);
      for (const entry of (await readdir(folder, { withFileTypes: true })).toSorted((a, b) =>
        a.name < b.name ? -1 : 1,
      )) {
        const path = join(folder, entry.name);
        const facts = entry.isSymbolicLink() ? await stat(path).catch(() => undefined) : entry;
        if (facts === undefined || found.length >= MAX_FILES) continue;
        // Kubernetes keeps what it mounts in `..data`, and leads there by links.
        if (facts.isDirectory()) {
          if (!entry.name.startsWith(".")) await enter(path, depth + 1);
        } else if (entry.name.endsWith(".json")) found.push(path);
      }
    };
    await enter(this.#root, 0);
    return found;
  }

  async #look(path: string, base: string): Promise<Known> {
    let facts: Stats;
    try {
      facts = await stat(path);
    } catch (error) {
      return { mtimeMs: 0, size: 0, file: undefined, problem: (error as Error).message };
    }
    const { mtimeMs, size } = facts;
    const before = this.#known.get(path);
    if (before?.mtimeMs === mtimeMs && before.size === size) return before;
    try {
      if (size > MAX_BYTES) throw new Error(`the file is larger than ${MAX_BYTES} bytes`);
      return { mtimeMs, size, file: this.#read(path, base, await readFile(path, "utf8")), problem: undefined };
    } catch (error) {
      return { mtimeMs, size, file: undefined, problem: error instanceof Error ? error.message : String(error) };
    }
  }

  #read(path: string, base: string, text: string): DashboardFile {
    const json = JSON.parse(text) as unknown;
    if (typeof json !== "object" || json === null || Array.isArray(json))
      throw new Error("the file holds no dashboard");
    const { uid, title } = json as Record<string, unknown>;
    if (typeof title !== "string" || title.trim() === "") throw new Error("Dashboard title cannot be empty");
    const name = relative(base, path);
    const folder = dirname(name);
    return {
      name,
      path,
      folders: folder === "." ? [] : folder.split("/"),
      checksum: digest(text),
      uid: typeof uid === "string" && uid !== "" ? uid : `f${digest(`${this.#provider}\n${name}`).slice(0, 13)}`,
      title: title.trim(),
    };
  }
}

const digest = (text: string): string => createHash("sha256").update(text).digest("hex");
