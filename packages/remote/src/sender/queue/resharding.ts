import type { RemoteQueueConfig } from "@narthex/config";
import { type Clock, type Logger, logOnChange, type StateLog } from "@narthex/runtime";
import type { BatchSender } from "./batch-sender.ts";
import type { Enqueuer } from "./enqueuer.ts";
import type { AppendedStats, QueueStats } from "./queue-stats.ts";
import { EwmaRate, SHARD_UPDATE_SECONDS, shardCount } from "./shard-count.ts";

export interface ReshardingOptions {
  readonly queue: RemoteQueueConfig;
  readonly sender: Pick<BatchSender, "work" | "lastSentAt" | "keepShardsUntil">;
  readonly enqueuer: Pick<Enqueuer, "droppedEntries"> & { readonly shards: readonly unknown[] };
  readonly stats: QueueStats;
  readonly appended: AppendedStats;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Computes at intervals how many shards (parallel connections) a queue needs. */
export class Resharding {
  readonly #options: ReshardingOptions;
  readonly #in = new EwmaRate();
  readonly #out = new EwmaRate();
  readonly #dropped = new EwmaRate();
  readonly #sending = new EwmaRate();
  readonly #state: StateLog;
  #appended: number;
  #done = 0;
  #doneMs = 0;
  #droppedBefore = 0;
  #wanted: number | undefined;
  #cancel: () => void = () => {};

  constructor(options: ReshardingOptions) {
    this.#options = options;
    this.#state = logOnChange(options.logger, "Resharding");
    this.#appended = options.appended.count;
    this.#later();
  }

  /** Returns the new number of shards if it changed since the last call, otherwise undefined. */
  takeWanted(): number | undefined {
    const wanted = this.#wanted;
    this.#wanted = undefined;
    return wanted;
  }

  stop(): void {
    this.#cancel();
  }

  #later(): void {
    this.#cancel = this.#options.clock.after(SHARD_UPDATE_SECONDS * 1000, () => {
      this.#update();
      this.#later();
    });
  }

  #update(): void {
    const { appended, sender, enqueuer, stats, queue, clock } = this.#options;
    this.#in.add(appended.count - this.#appended);
    this.#appended = appended.count;
    this.#out.add(sender.work.entries - this.#done);
    this.#done = sender.work.entries;
    this.#sending.add((sender.work.milliseconds - this.#doneMs) / 1000);
    this.#doneMs = sender.work.milliseconds;
    this.#dropped.add(enqueuer.droppedEntries - this.#droppedBefore);
    this.#droppedBefore = enqueuer.droppedEntries;
    for (const rate of [this.#in, this.#out, this.#sending, this.#dropped]) rate.tick();
    const now = enqueuer.shards.length;
    const { wanted, count } = shardCount({
      shards: now,
      min: queue.minShards,
      max: queue.maxShards,
      inRate: this.#in.perSecond,
      outRate: this.#out.perSecond,
      droppedRate: this.#dropped.perSecond,
      sendingRate: this.#sending.perSecond,
      delaySeconds: appended.highestSeconds - stats.get("highestSentSeconds"),
    });
    if (wanted !== undefined) stats.set("shardsDesired", wanted);
    this.#wanted = undefined;
    if (count === now) return;
    if (clock.now() - sender.lastSentAt > SHARD_UPDATE_SECONDS * 1000) {
      this.#state.failed("last successful send was beyond threshold");
      return;
    }
    this.#state.succeeded();
    if (clock.now() >= sender.keepShardsUntil) this.#wanted = count;
  }
}
