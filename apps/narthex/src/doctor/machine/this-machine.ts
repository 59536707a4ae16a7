import { constants } from "node:fs";
import { access, opendir, readFile, realpath, stat, statfs } from "node:fs/promises";
import { createServer } from "node:net";
import { clockDiscipline } from "@narthex/collectors";
import type { ListenAddress } from "@narthex/runtime";
import { listenersOn } from "./listeners.ts";
import type { Machine } from "./machine.ts";

export const thisMachine: Machine = {
  nodeVersion: process.version,
  uid: process.geteuid?.(),
  kernelText: (path) => readFile(path, "utf8").catch(() => undefined),
  listenersOn: (ports) => listenersOn(ports),
  tryListen,
  realPath: (path) => realpath(path).catch(() => path),
  async pathStatus(path) {
    const stats = await stat(path).catch(() => undefined);
    return stats && { isFolder: stats.isDirectory(), uid: stats.uid, mode: stats.mode & 0o7777 };
  },
  mayRead: (path) => isAllowed(path, constants.R_OK),
  mayWrite: (path) => isAllowed(path, constants.W_OK),
  mayEnter: (path) => isAllowed(path, constants.X_OK),
  namesIn,
  async volumeOf(path) {
    const volume = await statfs(path).catch(() => undefined);
    return (
      volume && {
        freeBytes: volume.bavail * volume.bsize,
        totalBytes: volume.blocks * volume.bsize,
        freeInodes: volume.ffree,
        totalInodes: volume.files,
      }
    );
  },
  clockState: () => clockDiscipline().catch(() => undefined),
};

const isAllowed = (path: string, mode: number): Promise<boolean> =>
  access(path, mode).then(
    () => true,
    () => false,
  );

async function namesIn(folder: string, most: number): Promise<readonly string[]> {
  const names: string[] = [];
  try {
    for await (const { name } of await opendir(folder)) if (names.push(name) >= most) break;
  } catch {
    // Ignores the error: a folder that cannot be listed gives no names, and mayEnter() reports the problem.
  }
  return names;
}

function tryListen({ host, port }: ListenAddress): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  const server = createServer();
  server.once("error", (problem: NodeJS.ErrnoException) => resolve(problem.code ?? problem.message));
  // Clients that connect while the socket is open are disconnected immediately.
  server.on("connection", (socket) => socket.destroy());
  server.listen({ port, ...(host === undefined ? {} : { host }) }, () => {
    server.close();
    resolve(undefined);
  });
  return promise;
}
