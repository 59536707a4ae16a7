import { DialCounts } from "@narthex/http";
import { parseRemoteWrite, type RemoteWriteConfig } from "@narthex/config";
import { Labels } from "@narthex/model";
import { type Clock, isProgramFault, type Logger, Mutex, type ReportError } from "@narthex/runtime";
import { SharedLogEnd } from "@narthex/tsdb";
import { encodeMetadata } from "./encode-metadata.ts";
import type { KeptPositions } from "../position/kept-positions.ts";
import { AppendedStats, QueueStats } from "../queue/queue-stats.ts";
import { RemoteQueue, type RemoteQueueSettings } from "../queue/remote-queue.ts";
import { signerOf } from "../client/request-signing.ts";
import type { MetadataRow, PostedQueue } from "./sender-messages.ts";
import { WriteClient } from "../client/write-client.ts";

export interface SenderQueuesOptions {
  readonly dir: string;
  readonly positions: KeptPositions;
  readonly appended: SharedArrayBuffer;
  readonly dials?: SharedArrayBuffer | undefined;
  readonly userAgent: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly reportError: ReportError;
}

/** Time in ms after which a failed queue is restarted. */
const RESTART_MS = 5000;

/** The queues of the current configuration. A queue runs until a new configuration does not contain it. */
export class SenderQueues {
  readonly #options: SenderQueuesOptions;
  readonly #running = new Map<string, RunningQueue>();
  readonly #ending = new Set<RunningQueue>();
  readonly #changes = new Mutex();

  constructor(options: SenderQueuesOptions) {
    this.#options = options;
  }

  /** Applies the queues of a new configuration. Unchanged queues continue to run. */
  async apply(posted: readonly PostedQueue[], flushMs: number): Promise<void> {
    await this.#changes.runExclusive(async () => {
      const byKey = new Map(posted.map((queue) => [queue.key, queue]));
      for (const [key, running] of this.#running) {
        const next = byKey.get(key);
        if (next !== undefined && isSame(next, running.posted)) continue;
        this.#running.delete(key);
        // Stops the old queue without sending the rest of the log, because the new queue sends these entries.
        if (next !== undefined) await running.stop(false, flushMs);
        else this.#end(running, flushMs);
      }
      for (const [key, queue] of byKey) {
        if (this.#running.has(key)) continue;
        // Waits for a removed queue with the same key, which may still be sending the remaining entries of the log.
        for (const ending of this.#ending) if (ending.posted.key === key) await ending.stopped;
        this.#running.set(key, new RunningQueue(queue, this.#options));
      }
      await this.#forgetOthers();
    });
  }

  async sendMetadata(key: string, rows: readonly MetadataRow[]): Promise<void> {
    await this.#running.get(key)?.sendMetadata(rows);
  }

  async stop(flushMs: number): Promise<void> {
    await this.#changes.runExclusive(async () => {
      await Promise.all([...this.#running.values()].map((queue) => queue.stop(true, flushMs)));
      await Promise.all([...this.#ending].map(async (queue) => queue.stopped));
    });
  }

  #end(queue: RunningQueue, flushMs: number): void {
    this.#ending.add(queue);
    void queue.stop(true, flushMs).then(async () => {
      this.#ending.delete(queue);
      // Removes positions only after a change of the configuration, because the change may add the queue again.
      await this.#changes.runExclusive(() => this.#forgetOthers());
    });
  }

  async #forgetOthers(): Promise<void> {
    const ending = [...this.#ending].map(({ posted }) => posted.key);
    await this.#options.positions.retain([...this.#running.keys(), ...ending]);
  }
}

/** A queue with its HTTP client. The queue is restarted after a failure. */
class RunningQueue {
  readonly posted: PostedQueue;
  readonly #options: SenderQueuesOptions;
  readonly #config: RemoteWriteConfig;
  readonly #logger: Logger;
  readonly #stopping = new AbortController();
  readonly #run: Promise<void>;
  #queue: RemoteQueue | undefined;
  #stopWith: (() => Promise<void>) | undefined;
  #isSendingMetadata = false;
  stopped: Promise<void> | undefined;

  constructor(posted: PostedQueue, options: SenderQueuesOptions) {
    this.posted = posted;
    this.#options = options;
    this.#config = parseRemoteWrite(posted.entry, posted.scheme);
    this.#logger = options.logger.child({ remote_name: posted.name, url: posted.url });
    this.#run = this.#work();
  }

  stop(drain: boolean, flushMs: number): Promise<void> {
    return (this.stopped ??= this.#stop(drain, flushMs));
  }

  async sendMetadata(rows: readonly MetadataRow[]): Promise<void> {
    const queue = this.#queue;
    if (queue === undefined || this.#isSendingMetadata) return;
    this.#isSendingMetadata = true;
    const { maxSamplesPerSend } = this.#config.metadata;
    try {
      for (let from = 0; from < rows.length && this.#queue === queue; from += maxSamplesPerSend) {
        const part = rows.slice(from, from + maxSamplesPerSend);
        await queue.sendMetadata(encodeMetadata(part), part.length);
      }
    } catch (cause) {
      this.#reportError(cause);
    } finally {
      this.#isSendingMetadata = false;
    }
  }

  #reportError(cause: unknown): void {
    this.#options.reportError(cause, { remote_name: this.posted.name, url: this.posted.url });
  }

  async #stop(drain: boolean, flushMs: number): Promise<void> {
    this.#logger.info("Stopping remote storage...");
    this.#stopWith = async () => this.#queue?.stop(drain, flushMs);
    this.#stopping.abort();
    try {
      await this.#stopWith();
    } catch (cause) {
      this.#logger.error("Stopping the queue failed", { err: cause });
    }
    await this.#run;
    this.#logger.info("Remote storage stopped.");
  }

  async #work(): Promise<void> {
    const { clock } = this.#options;
    while (!this.#stopping.signal.aborted) {
      try {
        await this.#runOnce();
        return;
      } catch (cause) {
        if (isProgramFault(cause)) this.#reportError(cause);
        else this.#logger.error("The queue failed and is started again", { err: cause });
      }
      await clock.sleep(RESTART_MS, this.#stopping.signal).catch(() => {});
    }
  }

  async #runOnce(): Promise<void> {
    const { userAgent, clock, appended, dials, env } = this.#options;
    const config = this.#config;
    const destination = { ...config, retryOnHttp429: config.queue.retryOnHttp429 };
    const sign = signerOf(config, { clock, env });
    const client = await WriteClient.open(destination, {
      userAgent,
      clock,
      sign,
      dials: dials && new DialCounts(dials),
      logger: this.#logger,
    });
    try {
      const queue = new RemoteQueue(settingsOf(this.posted, config), {
        ...this.#options,
        now: this.posted.now,
        logEnd: new SharedLogEnd(this.posted.logEnd),
        client,
        stats: new QueueStats(this.posted.stats),
        appended: new AppendedStats(appended),
        logger: this.#logger,
      });
      this.#queue = queue;
      queue.start();
      if (this.#stopping.signal.aborted) await this.#stopWith?.();
      await queue.ended;
      await this.#stopWith?.();
    } finally {
      const queue = this.#queue;
      this.#queue = undefined;
      if (!this.#stopping.signal.aborted) await queue?.stop(false, 0).catch(() => {});
      await client.close();
    }
  }
}

function settingsOf({ key, externalLabels, scheme }: PostedQueue, config: RemoteWriteConfig): RemoteQueueSettings {
  const pairs = externalLabels.flatMap((name, i) => (i % 2 === 0 ? [[name, externalLabels[i + 1]!] as const] : []));
  return {
    key,
    version: config.protobufMessage === "prometheus.WriteRequest" ? 1 : 2,
    externalLabels: Labels.of(pairs),
    rules: config.writeRelabelConfigs,
    scheme,
    queue: config.queue,
    sendExemplars: config.sendExemplars,
    sendNativeHistograms: config.sendNativeHistograms,
  };
}

function isSame(a: PostedQueue, b: PostedQueue): boolean {
  const [labels, others] = [a.externalLabels, b.externalLabels];
  const haveSameLabels = labels.length === others.length && labels.every((text, i) => text === others[i]);
  return haveSameLabels && a.entry === b.entry && a.scheme === b.scheme;
}
