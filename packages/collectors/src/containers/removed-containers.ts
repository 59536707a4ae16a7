import type { NamedReading } from "./container-families.ts";
import { type Identity } from "./identity.ts";
import { Reading } from "./reading.ts";

/** A removed container that is exported for some time after its removal. */
interface Removed {
  readonly identity: Identity;
  readonly reading: Reading;
  /** Time when the container was first missing, ms of the monotonic clock. */
  readonly since: number;
}

/**
 * Removed containers. Their last-seen time is exported for a while, so that alerts on the age of this time fire. Other
 * series of removed containers end at once.
 */
export class RemovedContainers {
  readonly #keepMs: number;
  readonly #removed = new Map<string, Removed>();
  #alive = new Map<string, NamedReading>();

  /** @param keepMs how long removed containers are shown, ms; 0 to not show them */
  constructor(keepMs: number) {
    this.#keepMs = keepMs;
  }

  /** Updates the list with the containers of this scrape, by path. Returns the removed containers. */
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
      // Ignores a container that was created again under the same name.
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
