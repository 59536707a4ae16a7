/** Tells equal names apart by their number: what it gives stays the same from refresh to refresh. */
export class UniqueKeys {
  readonly #seen = new Map<string, number>();

  next(name: string): string {
    const count = this.#seen.get(name) ?? 0;
    this.#seen.set(name, count + 1);
    return count === 0 ? name : `${name} #${count}`;
  }
}
