import type { Clock, StateLog } from "@narthex/runtime";
import type { WalWriter } from "./writer.ts";

/**
 * Policy for syncing the log from the page cache to the disk. Every acknowledged commit survives the end of the
 * process. A failure of the machine loses nothing with `always`, at most the last interval with `interval`, and with
 * `never` an amount that depends on the system.
 */
export type FsyncPolicy = "never" | "interval" | "always";

/** Time between two syncs of the policy `interval`, ms. */
export const FSYNC_INTERVAL_MS = 1000;

export interface DurabilityOptions {
  readonly policy: FsyncPolicy;
  readonly clock: Clock;
  /** Returns other logs, which are synced together with the write-ahead log. */
  readonly otherLogs?: () => readonly WalWriter[];
  /** Logs when syncing the log begins to fail, and when it works again. */
  readonly syncing: StateLog;
  /** Logs when writing the log begins to fail, and when it works again. */
  readonly writing: StateLog;
}

/** Syncs the log according to the policy. Commits that wait at the same time share one fsync. */
export class Durability {
  readonly writing: StateLog;
  readonly #wal: WalWriter;
  readonly #options: DurabilityOptions;
  #running: Promise<void> | undefined;
  #next: Promise<void> | undefined;
  #cancel: () => void = () => {};
  #stopped = false;
  /** Time spent on syncing logs since the start, s. */
  seconds = 0;

  constructor(wal: WalWriter, options: DurabilityOptions) {
    this.#wal = wal;
    this.#options = options;
    this.writing = options.writing;
    if (options.policy === "interval") this.#arm();
  }

  /**
   * Upper limit for lost samples: acknowledged samples older than this number of seconds survive a failure of the
   * machine.
   */
  get lossSeconds(): number {
    const { policy } = this.#options;
    if (policy === "never") return Infinity;
    return policy === "always" ? 0 : FSYNC_INTERVAL_MS / 1000;
  }

  /** Returns a promise that a commit must await; undefined if it need not wait. */
  durable(): Promise<void> | undefined {
    if (this.#options.policy !== "always") return undefined;
    // Waits for the next fsync, because an fsync in progress may have begun before the commit's write.
    if (this.#running === undefined) return this.#start();
    this.#next ??= this.#running.catch(() => {}).then(() => this.#start());
    return this.#next;
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel();
  }

  #start(): Promise<void> {
    this.#next = undefined;
    const run = this.#sync().finally(() => {
      if (this.#running === run) this.#running = undefined;
    });
    this.#running = run;
    return run;
  }

  async #sync(): Promise<void> {
    const { clock, syncing } = this.#options;
    const start = clock.monotonic();
    try {
      const { otherLogs = () => [] } = this.#options;
      await Promise.all([this.#wal, ...otherLogs()].map((wal) => wal.sync()));
      syncing.succeeded();
    } catch (cause) {
      syncing.failed(cause instanceof Error ? cause.message : String(cause));
      throw cause;
    } finally {
      this.seconds += (clock.monotonic() - start) / 1000;
    }
  }

  #arm(): void {
    this.#cancel = this.#options.clock.after(FSYNC_INTERVAL_MS, () => {
      this.#sync()
        .catch(() => {})
        .finally(() => {
          if (!this.#stopped) this.#arm();
        });
    });
  }
}
