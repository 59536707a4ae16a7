import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const open = new Set<string>();
process.on("exit", () => {
  for (const path of open) rmSync(path, { recursive: true, force: true });
});

/** An empty folder that is removed when it is disposed of, or when the run is interrupted. */
export class ScratchFolder implements Disposable {
  readonly path = mkdtempSync(join(tmpdir(), "narthex-bench-"));

  constructor() {
    open.add(this.path);
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
    open.delete(this.path);
  }
}
