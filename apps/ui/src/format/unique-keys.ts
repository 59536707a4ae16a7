/**
 * Generates a unique key for each name. Repeated names get a number, so a list with the same names has the same keys
 * after each refresh.
 */
export class UniqueKeys {
  readonly #seen = new Map<string, number>();

  next(name: string): string {
    const count = this.#seen.get(name) ?? 0;
    this.#seen.set(name, count + 1);
    return count === 0 ? name : `${name} #${count}`;
  }
}
