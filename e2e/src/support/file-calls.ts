import { existsSync, readFileSync } from "node:fs";

/** One system call of a server that changes a file, or that writes a file or folder to the disk (fsync). */
export interface FileCall {
  readonly call: "write" | "sync" | "rename" | "remove";
  readonly path: string;
  /** New path of a renamed file; used only for a rename. */
  readonly to: string;
}

/** Records the file system calls of a server in the order of their ends. */
export class FileCalls {
  readonly #path: string;

  /** @param path path of the file with the record */
  constructor(path: string) {
    this.#path = path;
  }

  /** Environment variables that make a server record its file system calls. */
  get env(): NodeJS.ProcessEnv {
    const hook = new URL("file-calls-hook.cjs", import.meta.url).pathname;
    return { ...process.env, NODE_OPTIONS: `--require=${JSON.stringify(hook)}`, NARTHEX_FILE_CALLS: this.#path };
  }

  all(): readonly FileCall[] {
    if (!existsSync(this.#path)) return [];
    const lines = readFileSync(this.#path, "utf8").split("\n").slice(0, -1);
    return lines.map((line) => {
      const [call = "", path = "", to = ""] = line.split("\t");
      return { call: call as FileCall["call"], path, to };
    });
  }
}

/**
 * Throws if a written file is not synced. The sync must come after the file's last write and before a given position in
 * the record.
 */
export function expectSynced(
  calls: readonly FileCall[],
  isMeant: (path: string) => boolean,
  before = calls.length,
): void {
  const written = new Set(
    calls.slice(0, before).flatMap(({ call, path }) => (call === "write" && isMeant(path) ? [path] : [])),
  );
  if (written.size === 0) throw new Error("no such file was written");
  for (const path of written) {
    const own = calls.slice(0, before).filter((one) => one.path === path);
    const [lastWrite, lastSync] = (["write", "sync"] as const).map((kind) =>
      own.findLastIndex(({ call }) => call === kind),
    );
    if (lastSync! < lastWrite!) throw new Error(`${path} was written and not brought to the disk`);
  }
}
