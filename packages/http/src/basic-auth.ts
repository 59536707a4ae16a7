import { createHash } from "node:crypto";
import { Worker } from "node:worker_threads";

/** Compared against when the user does not exist, so that both answers take the same time. */
const NOBODY = "$2y$10$QOauhQNbBCuQDKes6eFzPeMqBSjb7Mr5DUmpZ/VcEd00UAV/LDeSi";
const MAX_REMEMBERED = 256;

/** Checks names and passwords against bcrypt hashes on a worker; a good answer is remembered by its digest. */
export class BasicAuth {
  readonly #remembered = new Set<string>();
  readonly #waiting = new Map<number, (equal: boolean) => void>();
  #worker: Worker | undefined;
  #nextId = 0;

  /** May this `Authorization` header pass? */
  async allows(header: string | undefined, users: ReadonlyMap<string, string>): Promise<boolean> {
    const credentials = decodeBasic(header);
    if (credentials === undefined) return false;
    const hash = users.get(credentials.user);
    const digest = createHash("sha256")
      .update(`${hash ?? ""}\0${credentials.user}\0${credentials.password}`)
      .digest("base64");
    if (hash !== undefined && this.#remembered.has(digest)) return true;
    const equal = await this.#compare(credentials.password, hash ?? NOBODY);
    if (!equal || hash === undefined) return false;
    if (this.#remembered.size >= MAX_REMEMBERED) this.#remembered.clear();
    this.#remembered.add(digest);
    return true;
  }

  async stop(): Promise<void> {
    await this.#worker?.terminate();
    this.#worker = undefined;
  }

  #compare(password: string, hash: string): Promise<boolean> {
    this.#worker ??= this.#start();
    return new Promise((resolve) => {
      const id = this.#nextId++;
      this.#waiting.set(id, resolve);
      this.#worker!.postMessage({ id, password, hash });
    });
  }

  #start(): Worker {
    const file = import.meta.url.endsWith(".ts") ? "./bcrypt-worker.ts" : "./bcrypt-worker.js";
    const worker = new Worker(new URL(file, import.meta.url));
    worker.unref();
    worker.on("message", ({ id, equal }: { id: number; equal: boolean }) => {
      this.#waiting.get(id)?.(equal);
      this.#waiting.delete(id);
    });
    worker.on("error", () => this.#refuseAll());
    return worker;
  }

  /** The worker died: everybody waiting is refused, the next one starts a new worker. */
  #refuseAll(): void {
    this.#worker = undefined;
    for (const answer of this.#waiting.values()) answer(false);
    this.#waiting.clear();
  }
}

function decodeBasic(header: string | undefined): { user: string; password: string } | undefined {
  const encoded = /^Basic ([A-Za-z0-9+/=]+)$/i.exec(header ?? "")?.[1];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, "base64").toString("utf8");
  const colon = text.indexOf(":");
  return colon === -1 ? undefined : { user: text.slice(0, colon), password: text.slice(colon + 1) };
}
