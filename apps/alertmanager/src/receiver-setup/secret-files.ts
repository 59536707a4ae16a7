import { randomUUID } from "node:crypto";
import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { syncFolder } from "@narthex/runtime";

/** Length of `secret-` and a random number. */
const NAME_LENGTH = 43;

/** Returns whether a text of a configuration names a secret file. */
export const isNamedIn = (text: string, path: string): boolean => text.includes(basename(path));

/**
 * The folder of secrets of receivers that pages have set. A secret is a file of its own, which only this system user may
 * read, so that neither the configuration nor its backup contains it.
 */
export class SecretFiles {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Writes a secret into a new file, on the disk. Resolves with its path. Rejects with the errors of node:fs. */
  async add(secret: string): Promise<string> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    await syncFolder(dirname(this.#folder));
    const path = join(this.#folder, `secret-${randomUUID()}`);
    try {
      await writeFile(path, `${secret}\n`, { mode: 0o600, flag: "wx", flush: true });
      await syncFolder(this.#folder);
    } catch (error) {
      await this.remove(path);
      throw error;
    }
    return path;
  }

  async remove(path: string): Promise<void> {
    await rm(path, { force: true }).catch(() => undefined);
  }

  /**
   * Removes the files whose names are in an old text of a configuration, but in none of its current texts. Other files
   * stay, because several configurations can share the folder.
   */
  async removeUnused(old: string, texts: readonly string[]): Promise<void> {
    const names = await readdir(this.#folder).catch(() => []);
    const unused = names.filter(
      (name) =>
        name.startsWith("secret-") &&
        name.length === NAME_LENGTH &&
        isNamedIn(old, name) &&
        !texts.some((text) => isNamedIn(text, name)),
    );
    await Promise.all(unused.map((name) => this.remove(join(this.#folder, name))));
  }
}
