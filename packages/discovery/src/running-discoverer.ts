import { quote } from "@narthex/model";
import { eventLoop } from "@narthex/runtime";
import type { TargetGroup } from "./target-group.ts";

/** A service answered something else where the text of a label belongs. */
export class NoTextError extends Error {
  override readonly name = "NoTextError";
}

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

  /** Groups replace those of the same source; empty ones go. Throws NoTextError, and takes none, if a label is no text. */
  take(groups: readonly TargetGroup[]): void {
    if (this.#stopping.signal.aborted) return;
    eventLoop.begin("discovery", groups[0]?.source ?? "");
    for (const group of groups) checkTexts(group);
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

/** Answers are JSON of others: a number where a text belongs would come to light in relabeling, far from here. */
function checkTexts({ source, targets, labels }: TargetGroup): void {
  for (const { pairs } of [labels, ...targets]) {
    const at = pairs.findIndex((text) => typeof text !== "string");
    if (at >= 0) throw new NoTextError(`label ${quote(pairs[at - 1]!)} of group ${quote(source)} is not a text`);
  }
}
