/**
 * Adds numbers with Neumaier's compensated summation. Callers reuse one object and reset it for each window, so that
 * hot loops allocate nothing.
 */
export class KahanSum {
  sum = 0;
  compensation = 0;

  reset(sum = 0): void {
    this.sum = sum;
    this.compensation = 0;
  }

  add(value: number): void {
    const total = this.sum + value;
    if (Math.abs(total) === Infinity) this.compensation = 0;
    else if (Math.abs(this.sum) >= Math.abs(value)) this.compensation += this.sum - total + value;
    else this.compensation += value - total + this.sum;
    this.sum = total;
  }

  get total(): number {
    return this.sum + this.compensation;
  }
}
