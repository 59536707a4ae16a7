import { type Codec, identityOf } from "@narthex/config";
import type { CustomKind, ObjectSource } from "./object-source.ts";
import { errorText } from "@narthex/runtime";

/** A configuration entry and the objects that it selects. */
interface RunningSelection<C, K extends CustomKind> {
  readonly config: C;
  readonly source: ObjectSource<K>;
  readonly stopping: AbortController;
}

interface RunningSelectionsOptions<C, K extends CustomKind> {
  readonly codec: Codec<C>;
  /** Opens the source of an entry. The source ends when the signal aborts. */
  readonly open: (config: C, signal: AbortSignal) => ObjectSource<K>;
  /** Called if the API server of an entry cannot be used at all. */
  readonly onFailure: (reason: string) => void;
}

/** The configuration entries whose objects are read, in the order of the configuration. */
export class RunningSelections<C, K extends CustomKind> {
  readonly #options: RunningSelectionsOptions<C, K>;
  #running = new Map<string, RunningSelection<C, K>>();

  constructor(options: RunningSelectionsOptions<C, K>) {
    this.#options = options;
  }

  get list(): readonly Omit<RunningSelection<C, K>, "stopping">[] {
    return [...this.#running.values()];
  }

  /** Replaces the entries. Unchanged entries continue to run, unless they have failed. */
  apply(configs: readonly C[]): void {
    const kept = new Map<string, RunningSelection<C, K>>();
    for (const config of configs) {
      const identity = identityOf(this.#options.codec, config);
      if (kept.has(identity)) continue;
      const before = this.#running.get(identity);
      kept.set(identity, before !== undefined && !before.source.hasFailed ? before : this.#start(config));
    }
    for (const [identity, before] of this.#running)
      if (kept.get(identity) !== before) before.stopping.abort(new Error("stopped"));
    this.#running = kept;
  }

  stop(): void {
    for (const { stopping } of this.#running.values()) stopping.abort(new Error("stopped"));
    this.#running.clear();
  }

  #start(config: C): RunningSelection<C, K> {
    const stopping = new AbortController();
    const source = this.#options.open(config, stopping.signal);
    source.run().catch((error: unknown) => {
      this.#options.onFailure(errorText(error));
    });
    return { config, source, stopping };
  }
}
