import type { StatsFs } from "node:fs";
import type { Clock, Logger } from "@narthex/runtime";
import { TIMED_OUT, withinLimit } from "../collection/time-limit.ts";

/** Asks the kernel about one mounted file system. */
export type StatFs = (
  path: string,
) => Promise<Pick<StatsFs, "bsize" | "blocks" | "bfree" | "bavail" | "files" | "ffree">>;

/** The result of statfs, or its error message. */
export type MountAnswer = { readonly stats: Awaited<ReturnType<StatFs>> } | { readonly error: string };

const TIMEOUT: MountAnswer = { error: "mountpoint timeout" };

/**
 * Number of Node's threads for file work. A statfs of a dead mount holds a thread until the mount answers. A quarter of
 * the threads therefore stays free for other work, such as compression. One more stays free for mounts that have
 * answered before.
 */
const POOL_THREADS = Math.max(3, Number(process.env["UV_THREADPOOL_SIZE"] ?? 4));
const MAX_PROBES = POOL_THREADS - Math.ceil(POOL_THREADS / 4);
const MAX_UNKNOWN_PROBES = MAX_PROBES - 1;

interface MountProberOptions {
  readonly stat: StatFs;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Time after which a mount that has not answered counts as stuck. */
  readonly timeoutMs: number;
  /**
   * Called when a mount hangs and no other mount hangs yet. The returned function is called when no mount hangs any
   * more.
   */
  readonly onHang: () => () => void;
}

/**
 * Asks mounts for their space and remembers which of them hang, so that a dead server costs one timeout in total, not
 * one per scrape.
 */
export class MountProber {
  readonly #options: MountProberOptions;
  /** Requests without an answer yet, including those of stuck mounts. Concurrent scrapes share them. */
  readonly #asked = new Map<string, Promise<MountAnswer>>();
  readonly #stuck = new Set<string>();
  readonly #answered = new Set<string>();
  #turn = Promise.withResolvers<void>();
  #onRelease: (() => void) | undefined;

  constructor(options: MountProberOptions) {
    this.#options = options;
  }

  /**
   * Returns the answer of a mount. Waits for at most the timeout, or `limitMs` if that is shorter, not counting the
   * wait for a free thread.
   */
  async ask(path: string, limitMs = Infinity): Promise<MountAnswer> {
    for (;;) {
      const most = this.#answered.has(path) ? MAX_PROBES : MAX_UNKNOWN_PROBES;
      if (this.#stuck.has(path)) return TIMEOUT;
      if (this.#asked.has(path) || this.#asked.size < most) break;
      // All threads for this mount are held by stuck mounts.
      if (this.#stuck.size >= most) return TIMEOUT;
      await this.#turn.promise;
    }
    const { clock, logger, timeoutMs } = this.#options;
    const limit = Math.min(limitMs, timeoutMs);
    const answer = await withinLimit(clock, limit, this.#asked.get(path) ?? this.#start(path));
    if (answer !== TIMED_OUT) return answer;
    if (this.#asked.has(path) && !this.#stuck.has(path)) {
      this.#stuck.add(path);
      this.#onRelease ??= this.#options.onHang();
      this.#answered.delete(path);
      logger.warn("Mount point does not answer; it is not read again until it answers", { mountpoint: path });
      this.#wake();
    }
    return TIMEOUT;
  }

  #start(path: string): Promise<MountAnswer> {
    const asked = this.#options
      .stat(path)
      .then(
        (stats): MountAnswer => ({ stats }),
        (error: unknown): MountAnswer => ({ error: systemErrorText(error) }),
      )
      .then((answer) => {
        this.#asked.delete(path);
        this.#answered.add(path);
        if (this.#stuck.delete(path)) this.#recovered(path);
        this.#wake();
        return answer;
      });
    this.#asked.set(path, asked);
    return asked;
  }

  #recovered(path: string): void {
    this.#options.logger.info("Mount point answers again", { mountpoint: path });
    if (this.#stuck.size > 0) return;
    this.#onRelease?.();
    this.#onRelease = undefined;
  }

  #wake(): void {
    const { resolve } = this.#turn;
    this.#turn = Promise.withResolvers();
    resolve();
  }
}

/** The C library's messages for the error numbers of statfs(2), as a Go program prints them. */
const SYSTEM_ERRORS: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EPERM: "operation not permitted",
  ENOENT: "no such file or directory",
  ENOTCONN: "transport endpoint is not connected",
  EIO: "input/output error",
  ESTALE: "stale NFS file handle",
  ENOTDIR: "not a directory",
  EHOSTDOWN: "host is down",
  ETIMEDOUT: "connection timed out",
  ENODEV: "no such device",
  ENOSYS: "function not implemented",
};

function systemErrorText(error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return SYSTEM_ERRORS[code] ?? (error instanceof Error ? error.message : String(error));
}
