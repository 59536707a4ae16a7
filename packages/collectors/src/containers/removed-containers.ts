import type { NamedReading } from "./container-families.ts";
import { type Identity } from "./identity.ts";
import { Reading } from "./reading.ts";

/** A removed container, which is exported for some time after its removal. */
interface Removed {
  readonly identity: Identity;
  readonly reading: Reading;
  /** Time when the container was first missing, ms of the monotonic clock. */
  readonly since: number;
}

/**
 * Values of a container in its last scrape. The values are copied, because the container's reading is reused for the
 * next scrape.
 */
interface LastSeen {
  identity: Identity;
  readonly values: Float64Array;
}

/** Values that are exported after the removal of a container. */
const KEPT = ["lastSeen", "started", "created"] as const;

/**
 * Removed containers. Their last-seen time is exported for a while, so that alerts on its age can fire. Other series of
 * removed containers end immediately.
 */
export class RemovedContainers {
  readonly #keepMs: number;
  readonly #removed = new Map<string, Removed>();
  readonly #alive = new Map<string, LastSeen>();

  /** @param keepMs time in ms for which removed containers are exported; 0 for never */
  constructor(keepMs: number) {
    this.#keepMs = keepMs;
  }

  /** Updates the list with the containers of this scrape, by path. Returns the removed containers. */
  update(alive: ReadonlyMap<string, NamedReading>, now: number): readonly NamedReading[] {
    const names = new Set<string | undefined>();
    for (const [path, { identity, reading }] of alive) {
      this.#removed.delete(path);
      names.add(identity.get("name"));
      let last = this.#alive.get(path);
      if (last === undefined) this.#alive.set(path, (last = { identity, values: new Float64Array(KEPT.length) }));
      last.identity = identity;
      for (let i = 0; i < KEPT.length; i++) last.values[i] = reading.get(KEPT[i]!);
    }
    for (const [path, last] of this.#alive) {
      if (alive.has(path)) continue;
      this.#alive.delete(path);
      this.#removed.set(path, { identity: last.identity, reading: finalReading(last), since: now });
    }
    for (const [path, { since, identity }] of this.#removed) {
      // Ends the export of a removed container early if a new container has the same name.
      const isReplaced = identity.has("name") && names.has(identity.get("name"));
      if (isReplaced || now - since >= this.#keepMs) this.#removed.delete(path);
    }
    return [...this.#removed.values()];
  }
}

function finalReading({ values }: LastSeen): Reading {
  const reading = new Reading();
  for (const [i, key] of KEPT.entries()) reading.set(key, values[i]);
  return reading;
}
