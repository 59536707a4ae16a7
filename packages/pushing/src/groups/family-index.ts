import { type Identity, IdentityTable } from "../metrics/identity-table.ts";
import { repeatProblem, typeProblem } from "../metrics/metric-fault.ts";
import { type OwnFamilies, ownClash } from "../metrics/own-families.ts";
import { SharedFamily } from "./shared-family.ts";
import { identityAt, metricCount, type StoredFamily, storedMetrics } from "../metrics/stored-family.ts";
import { suffixCollision } from "../metrics/suffix-collision.ts";

/**
 * Index of all pushed metrics by name and labels. With the index, checking a push takes time only for the names in the
 * push.
 */
export class FamilyIndex {
  readonly #shared = new Map<string, SharedFamily>();
  readonly #identities = new IdentityTable();
  /** Number of stored metrics that make every scrape fail. Above 0 only if pushes are not checked. */
  #faulty = 0;

  add(group: string, family: StoredFamily): void {
    this.#name(family.name).put(group, family);
    this.#count(family, 1);
  }

  replace(group: string, old: StoredFamily, family: StoredFamily): void {
    this.#count(old, -1);
    this.#name(family.name).put(group, family);
    this.#count(family, 1);
  }

  remove(group: string, family: StoredFamily): void {
    const shared = this.#name(family.name);
    shared.remove(group);
    if (shared.isEmpty) this.#shared.delete(family.name);
    this.#count(family, -1);
  }

  #name(name: string): SharedFamily {
    let shared = this.#shared.get(name);
    if (shared === undefined) this.#shared.set(name, (shared = new SharedFamily(name)));
    return shared;
  }

  #count(family: StoredFamily, change: 1 | -1): void {
    if (family.fault !== undefined) this.#faulty += change;
    for (let i = 0; i < metricCount(family); i++) {
      if (change === 1) this.#identities.add(identityAt(family, i));
      else this.#identities.remove(identityAt(family, i));
    }
  }

  /** The metrics of all groups by name, in any order. */
  get names(): Iterable<SharedFamily> {
    return this.#shared.values();
  }

  /** Returns the type that a metric name has in groups other than `group`, or undefined. */
  typeElsewhere(name: string, group: string): number | undefined {
    return this.#shared.get(name)?.typeElsewhere(group);
  }

  /**
   * Returns a function that reports whether another group has a metric with the same name and labels. `held` contains
   * the metrics of the group itself, which are not counted.
   */
  holdersElsewhere(held: StoredFamily | undefined): (identity: Identity) => boolean {
    const count = held === undefined ? 0 : metricCount(held);
    if (count === 0) return (identity) => this.#identities.count(identity) > 0;
    const first = identityAt(held!, 0);
    if (count === 1) {
      return (one) => this.#identities.count(one) > (one.high === first.high && one.low === first.low ? 1 : 0);
    }
    const own = new IdentityTable(count);
    for (let i = 0; i < count; i++) own.add(identityAt(held!, i));
    return (identity) => this.#identities.count(identity) > own.count(identity);
  }

  /**
   * Returns the error with which every scrape fails, or undefined. Only pushes that were not checked can cause such an
   * error.
   */
  problem(own: OwnFamilies): string | undefined {
    const typeOf = (name: string): number | undefined => this.#shared.get(name)?.type ?? own.get(name)?.type;
    for (const shared of this.#shared.values()) {
      const { type, name } = shared;
      if (type === undefined) continue;
      const odd = shared.oddOneOut();
      if (odd !== undefined) return typeProblem(name, odd, type);
      const clash = ownClash({ name, type, help: shared.help }, own) ?? suffixCollision(name, type, typeOf);
      if (clash !== undefined) return clash;
    }
    if (this.#faulty === 0 && this.#identities.repeated === 0) return undefined;
    for (const shared of this.#shared.values())
      for (const family of shared.families) {
        const found = shared.faultOf(family) ?? this.#repetition(family);
        if (found !== undefined) return found;
      }
    return undefined;
  }

  #repetition(family: StoredFamily): string | undefined {
    for (let i = 0; i < metricCount(family); i++) {
      if (this.#identities.count(identityAt(family, i)) > 1)
        return repeatProblem(family.name, storedMetrics(family)[i]!);
    }
    return undefined;
  }
}
