import { createHash } from "node:crypto";
import { Worker } from "node:worker_threads";
import { basicCredentials } from "../server/basic-credentials.ts";

/** Hash that is compared for an unknown user, so that answers for unknown and known users take the same time. */
const UNKNOWN_USER_HASH = "$2y$10$QOauhQNbBCuQDKes6eFzPeMqBSjb7Mr5DUmpZ/VcEd00UAV/LDeSi";
const MAX_REMEMBERED = 256;

/** A password that the worker thread must compare with a hash. */
interface Comparison {
  readonly password: string;
  readonly hash: string;
  readonly isAwaited: () => boolean;
  readonly answer: (equal: boolean) => void;
}

/**
 * Checks user names and passwords against bcrypt hashes on a worker thread. Successful checks are cached as digests.
 */
export class BasicAuth {
  readonly #remembered = new Set<string>();
  readonly #waiting: Comparison[] = [];
  /** Comparison that the worker thread is currently doing. */
  #current: Comparison | undefined;
  #worker: Worker | undefined;

  /**
   * Checks an `Authorization` header. Returns the user; undefined if the user is unknown or the password is wrong.
   * @param isAwaited returns false if the answer is not needed any more; the password is then not compared
   */
  async userOf(
    header: string | undefined,
    users: ReadonlyMap<string, string>,
    isAwaited: () => boolean = () => true,
  ): Promise<string | undefined> {
    const credentials = decodeBasic(header);
    if (credentials === undefined) return undefined;
    const [user, password] = credentials;
    const hash = users.get(user);
    const digest = createHash("sha256")
      .update(`${hash ?? ""}\0${user}\0${password}`)
      .digest("base64");
    if (hash !== undefined && this.#remembered.has(digest)) return user;
    const equal = await new Promise<boolean>((answer) => {
      this.#waiting.push({ password, hash: hash ?? UNKNOWN_USER_HASH, isAwaited, answer });
      this.#next();
    });
    if (!equal || hash === undefined) return undefined;
    if (this.#remembered.size >= MAX_REMEMBERED) this.#remembered.clear();
    this.#remembered.add(digest);
    return user;
  }

  /** Stops the worker thread. All waiting requests are refused. */
  async stop(): Promise<void> {
    const worker = this.#worker;
    this.#refuseAll();
    await worker?.terminate();
  }

  /** Passes the next comparison to the worker thread. Skips comparisons for cancelled requests. */
  #next(): void {
    while (this.#current === undefined && this.#waiting.length > 0) {
      const next = this.#waiting.shift()!;
      if (!next.isAwaited()) {
        next.answer(false);
        continue;
      }
      this.#current = next;
      this.#worker ??= this.#start();
      this.#worker.postMessage({ password: next.password, hash: next.hash });
    }
  }

  #start(): Worker {
    const file = import.meta.url.endsWith(".ts") ? "./bcrypt-worker.ts" : "./bcrypt-worker.js";
    const worker = new Worker(new URL(file, import.meta.url));
    worker.unref();
    worker.on("message", (equal: boolean) => {
      if (worker !== this.#worker) return;
      this.#current?.answer(equal);
      this.#current = undefined;
      this.#next();
    });
    worker.on("error", () => {
      if (worker === this.#worker) this.#refuseAll();
    });
    return worker;
  }

  /** Refuses all waiting requests after the worker thread has ended. The next request starts a new thread. */
  #refuseAll(): void {
    this.#worker = undefined;
    this.#current?.answer(false);
    this.#current = undefined;
    for (const { answer } of this.#waiting.splice(0)) answer(false);
  }
}

function decodeBasic(header: string | undefined): readonly [user: string, password: string] | undefined {
  const encoded = /^Basic ([A-Za-z0-9+/=]+)$/i.exec(header ?? "")?.[1];
  return encoded === undefined ? undefined : basicCredentials(encoded);
}
