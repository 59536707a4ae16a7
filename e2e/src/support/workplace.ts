import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** A folder of a test's own, removed with everything in it when the test is over. */
export class Workplace implements Disposable {
  readonly folder: string = mkdtempSync(join(tmpdir(), "narthex-e2e-"));

  path(...parts: string[]): string {
    return join(this.folder, ...parts);
  }

  /** Writes a file, making its folders; returns its path. */
  write(name: string, text: string): string {
    const path = this.path(name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    return path;
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}
