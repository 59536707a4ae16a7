/** A line of a comparison. */
export interface DiffLine {
  readonly kind: "same" | "added" | "removed";
  readonly text: string;
}

/** Largest product of line counts that is compared line by line. Longer texts are shown as replaced. */
const maxCells = 4_000_000;

const linesOf = (text: string): readonly string[] => (text === "" ? [] : text.split("\n"));
const all = (kind: DiffLine["kind"], lines: readonly string[]): DiffLine[] => lines.map((text) => ({ kind, text }));

/** Compares two texts line by line. */
export function lineDiff(before: string, after: string): readonly DiffLine[] {
  const [old, next] = [linesOf(before), linesOf(after)];
  let start = 0;
  while (start < old.length && start < next.length && old[start] === next[start]) start++;
  let end = 0;
  const most = Math.min(old.length, next.length) - start;
  while (end < most && old[old.length - 1 - end] === next[next.length - 1 - end]) end++;
  return [
    ...all("same", old.slice(0, start)),
    ...middle(old.slice(start, old.length - end), next.slice(start, next.length - end)),
    ...all("same", end === 0 ? [] : old.slice(-end)),
  ];
}

/** Compares lines by their longest common subsequence. */
function middle(old: readonly string[], next: readonly string[]): DiffLine[] {
  const width = next.length + 1;
  if (old.length * next.length > maxCells) return [...all("removed", old), ...all("added", next)];
  // Length of the longest common subsequence of the rest of both texts, for each pair of positions.
  const common = new Uint16Array((old.length + 1) * width);
  for (let i = old.length - 1; i >= 0; i--) {
    for (let j = next.length - 1; j >= 0; j--) {
      const cell = i * width + j;
      common[cell] =
        old[i] === next[j] ? common[cell + width + 1]! + 1 : Math.max(common[cell + width]!, common[cell + 1]!);
    }
  }
  const lines: DiffLine[] = [];
  let [i, j] = [0, 0];
  while (i < old.length && j < next.length) {
    const cell = i * width + j;
    if (old[i] === next[j]) {
      lines.push({ kind: "same", text: old[i++]! });
      j++;
    } else if (common[cell + width]! >= common[cell + 1]!) lines.push({ kind: "removed", text: old[i++]! });
    else lines.push({ kind: "added", text: next[j++]! });
  }
  return [...lines, ...all("removed", old.slice(i)), ...all("added", next.slice(j))];
}
