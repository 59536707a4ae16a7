import type { NamedReading } from "./container-families.ts";
import { type Identity } from "./identity.ts";
import { Reading } from "./reading.ts";

/** A container that is still shown for a while after it was removed. */
interface Removed {
  readonly identity: Identity;
  readonly reading: Reading;
  /** Time when it was first missing, ms of the monotonic clock. */
  readonly since: number;
}

/**
 * Containers that were removed. For a while each still shows its last-seen time, so that rules on the age of that time
 * fire. Its other series end at once.
 */
export class RemovedContainers {
  readonly #keepMs: number;
  readonly #removed = new Map<string, Removed>();
  #alive = new Map<string, NamedReading>();

  /** @param keepMs how long removed containers are shown, ms; 0 to not show them */
  constructor(keepMs: number) {
    this.#keepMs = keepMs;
  }

  /** Takes the containers of this scrape by path. Returns those that were removed. */
  update(alive: Map<string, NamedReading>, now: number): readonly NamedReading[] {
    const names = new Set<string | undefined>();
    for (const [path, { identity }] of alive) {
      this.#removed.delete(path);
      names.add(identity.get("name"));
    }
    for (const [path, last] of this.#alive) {
      if (!alive.has(path)) this.#removed.set(path, { ...last, reading: finalReading(last.reading), since: now });
    }
    this.#alive = alive;
    for (const [path, { since, identity }] of this.#removed) {
      // A container that was created again under its name does not count as removed.
      const isReplaced = identity.has("name") && names.has(identity.get("name"));
      if (isReplaced || now - since >= this.#keepMs) this.#removed.delete(path);
    }
    return [...this.#removed.values()];
  }
}

function finalReading(last: Reading): Reading {
  const words = new Reading();
  for (const key of ["lastSeen", "started", "created"] as const) words.set(key, last.get(key));
  return words;
}
