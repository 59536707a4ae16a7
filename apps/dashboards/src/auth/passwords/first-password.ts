import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

const FILE = "initial-admin-password";

/**
 * The file in the data folder with the generated password of the first user. Only this system user can read it. The log
 * does not contain the password, because more people can read the log. If several instances share the folder, each
 * writes a draft before it tries to create the user. The draft of the instance that succeeds becomes the file.
 */
export class FirstPassword {
  readonly file: string;
  readonly #folder: string;

  constructor(folder: string) {
    this.file = join(folder, FILE);
    this.#folder = folder;
  }

  /** Whether the file exists: the first user still has the generated password. */
  get isInUse(): boolean {
    return existsSync(this.file);
  }

  /** Reports whether a text is the generated password, and the first user still has it. */
  async isStill(password: string): Promise<boolean> {
    const text = await readFile(this.file, "utf8").catch(() => "");
    return text !== "" && text.trimEnd() === password;
  }

  /** Writes a draft with a password. Rejects with the errors of node:fs. */
  async draft(password: string): Promise<void> {
    await writeFile(`${this.file}.${randomUUID()}`, `${password}\n`, { mode: 0o600, flag: "wx", flush: true });
  }

  /** Makes the draft with the current password the file, and removes all other files and drafts. */
  async settle(isCurrent: (password: string) => Promise<boolean>): Promise<void> {
    const names = await readdir(this.#folder).catch(() => []);
    for (const name of names.filter((one) => one === FILE || one.startsWith(`${FILE}.`))) {
      const path = join(this.#folder, name);
      const text = await readFile(path, "utf8").catch(() => undefined);
      if (text === undefined) continue;
      if (!(await isCurrent(text.trimEnd()))) await rm(path, { force: true });
      // A missing draft was already renamed by another instance.
      else if (path !== this.file) await rename(path, this.file).catch(() => undefined);
    }
  }

  async remove(): Promise<void> {
    await rm(this.file, { force: true });
  }
}
