/** The number of occurrences of alerts that the rules of a backtest may still keep. */
export class OccurrenceBudget {
  #left: number;

  constructor(limit: number) {
    this.#left = limit;
  }

  /** Takes one occurrence from the budget. Returns false if the budget is used up. */
  take(): boolean {
    if (this.#left <= 0) return false;
    this.#left--;
    return true;
  }
}
