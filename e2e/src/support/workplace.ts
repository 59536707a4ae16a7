import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
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

/** A port nobody listens on right now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

/** An offset that leaves all ports of `narthex up` free. */
export async function freePortOffset(): Promise<number> {
  for (let attempt = 0; attempt < 20; attempt++) {
    const offset = 1000 + Math.floor(Math.random() * 40_000);
    const taken = await Promise.all([9090, 9091, 9093, 9100].map((port) => isTaken(port + offset)));
    if (!taken.includes(true)) return offset;
  }
  throw new Error("no free range of ports found");
}

function isTaken(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(true));
    server.listen(port, () => server.close(() => resolve(false)));
  });
}
