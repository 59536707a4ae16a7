/** Height of an option in pixels. All options have the same height, so that long lists need no measuring. */
export const OPTION_HEIGHT = 32;
/** Height of the list, pixels. */
export const LIST_HEIGHT = 260;
const AROUND = 6;

/** Returns the indexes of the options to draw: the visible options and a few before and after them. */
export function drawnOptions(scrollTop: number, count: number): { readonly from: number; readonly to: number } {
  const from = Math.max(0, Math.floor(scrollTop / OPTION_HEIGHT) - AROUND);
  const to = Math.min(count, Math.ceil((scrollTop + LIST_HEIGHT) / OPTION_HEIGHT) + AROUND);
  return { from: Math.min(from, to), to };
}

/** Returns the scroll position (pixels) at which the option with an index is visible. */
export function scrollTopFor(index: number, scrollTop: number): number {
  const top = index * OPTION_HEIGHT;
  if (top < scrollTop) return top;
  return Math.max(scrollTop, top + OPTION_HEIGHT - LIST_HEIGHT + 2);
}

const PAGE = Math.floor(LIST_HEIGHT / OPTION_HEIGHT) - 1;

/** Returns the index of the active option after a key press. Undefined if the key does not move the active option. */
export function movedIndex(key: string, at: number, count: number): number | undefined {
  const to: Readonly<Record<string, number>> = {
    ArrowDown: at + 1 >= count ? 0 : at + 1,
    ArrowUp: at <= 0 ? count - 1 : at - 1,
    PageDown: Math.min(count - 1, at + PAGE),
    PageUp: Math.max(0, at - PAGE),
  };
  return count > 0 && Object.hasOwn(to, key) ? to[key] : undefined;
}
