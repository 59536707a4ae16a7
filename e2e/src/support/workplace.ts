import { lstatSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";

/** A folder of one test, removed with its content at the end of the test. */
export class Workplace implements Disposable {
  readonly folder: string = mkdtempSync(join(tmpdir(), "narthex-e2e-"));

  path(...parts: string[]): string {
    return join(this.folder, ...parts);
  }

  /**
   * Writes a file and creates its folders. Returns its path. Replaces an existing file atomically: a server that reads
   * it in the meantime gets the whole old or the whole new text.
   */
  write(name: string, text: string): string {
    const path = this.path(name);
    mkdirSync(dirname(path), { recursive: true });
    const existing = lstatSync(path, { throwIfNoEntry: false });
    if (existing?.isFile() !== true) {
      writeFileSync(path, text);
      return path;
    }
    const draft = join(dirname(path), `.${basename(path)}.new`);
    writeFileSync(draft, text, { mode: existing.mode });
    renameSync(draft, path);
    return path;
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}
