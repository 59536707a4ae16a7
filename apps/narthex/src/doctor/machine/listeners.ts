import { readdir, readFile, readlink } from "node:fs/promises";
import { join } from "node:path";
import type { Listener, RunningProgram } from "./machine.ts";

/** Code of the state LISTEN in /proc/net/tcp. */
const LISTENING = "0A";

/** A listening socket in /proc/net/tcp or tcp6. */
interface Socket {
  readonly port: number;
  readonly uid: number;
  readonly inode: string;
}

/** Returns the listening sockets in a text of /proc/net/tcp or tcp6. */
export function listeningSockets(text: string): readonly Socket[] {
  return text.split("\n").flatMap((line) => {
    const [, local = "", , state, , , , uid = "", , inode = ""] = line.trim().split(/\s+/);
    const [, port = ""] = local.split(":");
    if (state !== LISTENING) return [];
    return [{ port: Number.parseInt(port, 16), uid: Number(uid), inode }];
  });
}

/** Returns the listeners on these ports, with their programs if they are visible. */
export async function listenersOn(ports: readonly number[], proc = "/proc"): Promise<readonly Listener[]> {
  const tables = await Promise.all(["net/tcp", "net/tcp6"].map((name) => textOf(join(proc, name))));
  const sockets = tables.flatMap(listeningSockets).filter(({ port }) => ports.includes(port));
  const programs = await ownersOf(new Set(sockets.map(({ inode }) => inode)), proc);
  return sockets.map(({ inode, ...socket }) => ({ ...socket, program: programs.get(inode) }));
}

/**
 * Returns the programs that have sockets open, by the socket's inode. Root privileges are needed to see other users'
 * programs.
 */
async function ownersOf(inodes: ReadonlySet<string>, proc: string): Promise<ReadonlyMap<string, RunningProgram>> {
  const owners = new Map<string, RunningProgram>();
  if (inodes.size === 0) return owners;
  const pids = (await namesIn(proc)).filter((name) => /^\d+$/.test(name));
  for (const pid of pids) {
    if (owners.size === inodes.size) break;
    for (const descriptor of await namesIn(join(proc, pid, "fd"))) {
      const target = await readlink(join(proc, pid, "fd", descriptor)).catch(() => "");
      const inode = /^socket:\[(\d+)\]$/.exec(target)?.[1];
      if (inode === undefined || !inodes.has(inode) || owners.has(inode)) continue;
      const command = (await textOf(join(proc, pid, "cmdline"))).split("\0").filter((word) => word !== "");
      const cwd = await readlink(join(proc, pid, "cwd")).catch(() => undefined);
      owners.set(inode, { pid: Number(pid), command, cwd });
    }
  }
  return owners;
}

const namesIn = (folder: string): Promise<readonly string[]> => readdir(folder).catch(() => []);
const textOf = (path: string): Promise<string> => readFile(path, "utf8").catch(() => "");
