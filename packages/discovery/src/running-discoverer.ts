import type { TargetGroup } from "./target-group.ts";

/** A discoverer at work and what it has found so far. */
export class RunningDiscoverer {
  /** By source. */
  readonly groups = new Map<string, TargetGroup>();
  /** Why the discoverer could not be made; undefined if it runs. */
  failure: Error | undefined;
  readonly #stopping = new AbortController();
  readonly #changed: () => void;

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  get signal(): AbortSignal {
    return this.#stopping.signal;
  }

  /** Groups replace those of the same source; empty ones go. */
  take(groups: readonly TargetGroup[]): void {
    if (this.#stopping.signal.aborted) return;
    for (const group of groups) {
      if (group.targets.length === 0) this.groups.delete(group.source);
      else this.groups.set(group.source, group);
    }
    this.#changed();
  }

  stop(): void {
    this.#stopping.abort(new Error("stopped"));
  }
}
