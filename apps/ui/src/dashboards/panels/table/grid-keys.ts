/** The cell that keyboard input applies to. Row -1 is the header. */
export interface ActiveCell {
  readonly row: number;
  readonly column: number;
}

export interface GridSize {
  readonly rows: number;
  readonly columns: number;
  /** Number of rows that are visible at the same time. Page Up and Page Down move by this number of rows. */
  readonly page: number;
  readonly hasHeader: boolean;
}

interface Key {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
}

/** Returns the active cell after a key press; undefined if the key does not move it. */
export function movedBy({ key, ctrlKey, metaKey }: Key, at: ActiveCell, size: GridSize): ActiveCell | undefined {
  const isWide = ctrlKey || metaKey;
  const top = size.hasHeader ? -1 : 0;
  const last = size.rows - 1;
  const to = ((): ActiveCell | undefined => {
    switch (key) {
      case "ArrowUp":
        return { ...at, row: isWide ? 0 : at.row - 1 };
      case "ArrowDown":
        return { ...at, row: isWide ? last : at.row + 1 };
      case "ArrowLeft":
        return { ...at, column: isWide ? 0 : at.column - 1 };
      case "ArrowRight":
        return { ...at, column: isWide ? size.columns - 1 : at.column + 1 };
      case "Home":
        return isWide ? { row: 0, column: 0 } : { ...at, column: 0 };
      case "End":
        return isWide ? { row: last, column: size.columns - 1 } : { ...at, column: size.columns - 1 };
      case "PageUp":
        return { ...at, row: Math.max(0, at.row - size.page) };
      case "PageDown":
        return { ...at, row: at.row + size.page };
      default:
        return undefined;
    }
  })();
  if (to === undefined) return undefined;
  return {
    row: Math.max(top, Math.min(last, to.row)),
    column: Math.max(0, Math.min(size.columns - 1, to.column)),
  };
}
