import { quote } from "@narthex/model";
import { eventLoop } from "@narthex/runtime";
import type { TargetGroup } from "./target-group.ts";

/** Error if a discovery service returns a label whose value is not a text. */
export class NoTextError extends Error {
  override readonly name = "NoTextError";
}

export class RunningDiscoverer {
  /** Groups by source. */
  readonly groups = new Map<string, TargetGroup>();
  /** Error if the discoverer could not be created, otherwise undefined. */
  failure: Error | undefined;
  readonly #stopping = new AbortController();
  readonly #changed: () => void;

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  get signal(): AbortSignal {
    return this.#stopping.signal;
  }

  /**
   * Replaces each group that has the same source as a new group, and removes groups without targets. If a label is not
   * a text, throws NoTextError and changes nothing.
   */
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

/**
 * Throws NoTextError if a label is not a text. Groups come from the JSON of other programs, and a number would
 * otherwise fail later, in relabeling.
 */
function checkTexts({ source, targets, labels }: TargetGroup): void {
  for (const { pairs } of [labels, ...targets]) {
    const at = pairs.findIndex((text) => typeof text !== "string");
    if (at >= 0) throw new NoTextError(`label ${quote(pairs[at - 1]!)} of group ${quote(source)} is not a text`);
  }
}
