/**
 * Operations on sets of series references, which are ascending lists. Inputs are not changed, and a result may be one
 * of the inputs.
 */

/** Returns the references that are in both lists. */
export function intersect(a: Uint32Array, b: Uint32Array): Uint32Array {
  const [few, many] = a.length <= b.length ? [a, b] : [b, a];
  const result = new Uint32Array(few.length);
  let count = 0;
  if (few.length * 16 < many.length) {
    let at = 0;
    for (const ref of few) {
      at = seek(many, at, ref);
      if (at === many.length) break;
      if (many[at] === ref) result[count++] = ref;
    }
    return result.subarray(0, count);
  }
  for (let i = 0, j = 0; i < few.length && j < many.length;) {
    const x = few[i]!;
    const y = many[j]!;
    if (x === y) result[count++] = x;
    if (x <= y) i++;
    if (y <= x) j++;
  }
  return result.subarray(0, count);
}

/** Returns whether any reference is in both lists. */
export function intersects(a: Uint32Array, b: Uint32Array): boolean {
  for (let i = 0, j = 0; i < a.length && j < b.length;) {
    if (a[i] === b[j]) return true;
    if (a[i]! < b[j]!) i = seek(a, i, b[j]!);
    else j = seek(b, j, a[i]!);
  }
  return false;
}

/** Returns the references of `a` that are not in `b`. */
export function subtract(a: Uint32Array, b: Uint32Array): Uint32Array {
  if (a.length === 0 || b.length === 0) return a;
  const result = new Uint32Array(a.length);
  let count = 0;
  let at = 0;
  for (const ref of a) {
    at = seek(b, at, ref);
    if (b[at] !== ref) result[count++] = ref;
  }
  return result.subarray(0, count);
}

/** Returns the references that are in any of the lists. */
export function union(lists: readonly Uint32Array[]): Uint32Array {
  if (lists.length <= 1) return lists[0] ?? new Uint32Array(0);
  let total = 0;
  for (const list of lists) total += list.length;
  const all = new Uint32Array(total);
  let end = 0;
  let isRising = true;
  for (const list of lists) {
    isRising &&= end === 0 || list.length === 0 || list[0]! > all[end - 1]!;
    all.set(list, end);
    end += list.length;
  }
  if (isRising) return all;
  all.sort();
  let count = 0;
  for (let i = 0; i < total; i++) if (i === 0 || all[i] !== all[i - 1]) all[count++] = all[i]!;
  return all.subarray(0, count);
}

/**
 * Returns the first index, not before `at`, whose reference is at least `ref`. Searches with doubling steps, then by
 * bisection.
 */
function seek(list: Uint32Array, at: number, ref: number): number {
  let step = 1;
  let low = at;
  let high = at;
  while (high < list.length && list[high]! < ref) {
    low = high + 1;
    high += step;
    step *= 2;
  }
  if (high > list.length) high = list.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (list[middle]! < ref) low = middle + 1;
    else high = middle;
  }
  return low;
}
