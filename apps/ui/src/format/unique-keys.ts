/**
 * Generates a unique key for each name. If a name occurs several times, a number is added, so that keys are the same
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
