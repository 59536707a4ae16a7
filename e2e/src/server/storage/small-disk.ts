import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Workplace } from "../../support/workplace.ts";

const MIB = 1024 * 1024;

/** A tmpfs of a fixed size, which a test fills. Only root can mount one: see `mayMount()`. */
export class SmallDisk implements Disposable {
  readonly path: string;
  readonly #ballast: string;

  constructor(path: string, mebibytes: number) {
    this.path = path;
    this.#ballast = join(path, "ballast");
    mkdirSync(path);
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${mebibytes * MIB}`, "tmpfs", path]);
  }

  /** Fills the remaining space of the disk with a file. */
  fill(): void {
    for (let size = MIB; size >= 1; size = Math.floor(size / 4)) {
      try {
        for (;;) writeFileSync(this.#ballast, new Uint8Array(size), { flag: "a" });
      } catch (cause) {
        if ((cause as NodeJS.ErrnoException).code !== "ENOSPC") throw cause;
      }
    }
  }

  /** Frees the space that `fill()` took. */
  free(): void {
    rmSync(this.#ballast);
  }

  [Symbol.dispose](): void {
    execFileSync("umount", ["-l", this.path]);
  }
}

/** Reports whether this process can mount a tmpfs. */
export function mayMount(): boolean {
  if (process.getuid?.() !== 0) return false;
  using workplace = new Workplace();
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", workplace.path("")], { stdio: "ignore" });
    execFileSync("umount", [workplace.path("")], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
