/** Solves a system of linear equations by Gaussian elimination with pivoting. Undetermined variables are 0. */
function solve(matrix: number[][], right: number[]): number[] {
  const size = right.length;
  for (let column = 0; column < size; column++) {
    let pivot = column;
    for (let row = column + 1; row < size; row++) {
      if (Math.abs(matrix[row]![column]!) > Math.abs(matrix[pivot]![column]!)) pivot = row;
    }
    [matrix[column], matrix[pivot]] = [matrix[pivot]!, matrix[column]!];
    [right[column], right[pivot]] = [right[pivot]!, right[column]!];
    const head = matrix[column]![column]!;
    if (Math.abs(head) < 1e-12) continue;
    for (let row = column + 1; row < size; row++) {
      const factor = matrix[row]![column]! / head;
      for (let i = column; i < size; i++) matrix[row]![i]! -= factor * matrix[column]![i]!;
      right[row]! -= factor * right[column]!;
    }
  }
  const result = Array<number>(size).fill(0);
  for (let row = size - 1; row >= 0; row--) {
    let sum = right[row]!;
    for (let i = row + 1; i < size; i++) sum -= matrix[row]![i]! * result[i]!;
    const head = matrix[row]![row]!;
    result[row] = Math.abs(head) < 1e-12 ? 0 : sum / head;
  }
  return result;
}

/** Fits a polynomial of the given degree to points by least squares. At least one point is required. */
export function fitPolynomial(xs: readonly number[], ys: readonly number[], degree: number): (x: number) => number {
  let [least, greatest] = [Infinity, -Infinity];
  for (const x of xs) [least, greatest] = [Math.min(least, x), Math.max(greatest, x)];
  const center = (least + greatest) / 2;
  const half = (greatest - least) / 2 || 1;
  // x is scaled to the range from -1 to 1, because powers of large numbers would lose precision.
  const scaled = (x: number): number => (x - center) / half;
  const size = Math.min(degree + 1, xs.length);
  const powers = Array<number>(2 * size - 1).fill(0);
  const right = Array<number>(size).fill(0);
  for (let i = 0; i < xs.length; i++) {
    let power = 1;
    const x = scaled(xs[i]!);
    for (let exponent = 0; exponent < powers.length; exponent++) {
      powers[exponent]! += power;
      if (exponent < size) right[exponent]! += power * ys[i]!;
      power *= x;
    }
  }
  const matrix = right.map((_, row) => right.map((__, column) => powers[row + column]!));
  const factors = solve(matrix, right);
  return (x) => factors.reduceRight((sum, factor) => sum * scaled(x) + factor, 0);
}
