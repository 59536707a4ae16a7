/** A list with an item in another place; the same items where there is no such place. */
export function itemMoved<Item>(items: readonly Item[], from: number, to: number): readonly Item[] {
  if (from === to || to < 0 || to >= items.length || from < 0 || from >= items.length) return items;
  return items.toSpliced(from, 1).toSpliced(to, 0, items[from]!);
}

/** A name that no item has: `query0`, then `query1`. */
export function freeName(wanted: string, taken: readonly unknown[]): string {
  if (!taken.includes(wanted)) return wanted;
  const stem = wanted.replace(/\d+$/, "");
  let count = 1;
  while (taken.includes(`${stem}${count}`)) count++;
  return `${stem}${count}`;
}
