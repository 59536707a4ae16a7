/** A new value, and the time until which it is used. */
export interface Renewal<T> {
  readonly value: T;
  /** Time on the clock of the RenewedValue. If it is not in the future, each call renews the value, unless a renewal runs. */
  readonly validUntil: number;
}

/**
 * A value that ends, such as an access token. Calls at the same time share one renewal. After a failed renewal, the next
 * call tries again.
 */
export class RenewedValue<T> {
  readonly #renew: () => Promise<Renewal<T>>;
  readonly #now: () => number;
  /** The value, or the running renewal. */
  #current: Promise<T> | undefined;
  #validUntil = 0;

  /** @param now returns the time in any unit, by default always 0 */
  constructor(renew: () => Promise<Renewal<T>>, now: () => number = () => 0) {
    this.#renew = renew;
    this.#now = now;
  }

  /** Returns the value, and renews it if it is not valid any more. */
  get(): Promise<T> {
    if (this.#current !== undefined && this.#now() < this.#validUntil) return this.#current;
    this.#validUntil = Infinity;
    const current = this.#renewed(() => this.#current === current);
    this.#current = current;
    return current;
  }

  /** Forgets the value, because it was refused. A running renewal goes on for the calls that wait for it. */
  forget(): void {
    this.#current = undefined;
  }

  /** @param isCurrent returns whether the renewal was not forgotten */
  async #renewed(isCurrent: () => boolean): Promise<T> {
    try {
      const { value, validUntil } = await this.#renew();
      if (isCurrent()) this.#validUntil = validUntil;
      return value;
    } catch (error) {
      if (isCurrent()) this.#current = undefined;
      throw error;
    }
  }
}
