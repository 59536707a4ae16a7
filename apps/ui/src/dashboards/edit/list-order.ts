/** Moves an item of a list to another index. Returns the list unchanged if an index is out of range. */
export function itemMoved<Item>(items: readonly Item[], from: number, to: number): readonly Item[] {
  if (from === to || to < 0 || to >= items.length || from < 0 || from >= items.length) return items;
  return items.toSpliced(from, 1).toSpliced(to, 0, items[from]!);
}

/** Returns an unused name: `query0`, or `query1` if `query0` is taken, and so on. */
export function freeName(wanted: string, taken: readonly unknown[]): string {
  if (!taken.includes(wanted)) return wanted;
  const stem = wanted.replace(/\d+$/, "");
  let count = 1;
  while (taken.includes(`${stem}${count}`)) count++;
  return `${stem}${count}`;
}
