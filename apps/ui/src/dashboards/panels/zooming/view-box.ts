/** The visible part of a drawing: its centre and its scale, pixels for a unit of the drawing. */
export interface View {
  readonly x: number;
  readonly y: number;
  readonly scale: number;
}

/** The size of a drawing or of the area that shows it. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Returns the view that shows a whole drawing. */
export const fittedView = (drawing: Size, area: Size, most = 1): View => ({
  x: drawing.width / 2,
  y: drawing.height / 2,
  scale: Math.min(most, area.width / Math.max(1, drawing.width), area.height / Math.max(1, drawing.height)),
});

/** Returns the view after a move by pixels. */
export const panned = ({ x, y, scale }: View, right: number, down: number): View => ({
  x: x + right / scale,
  y: y + down / scale,
  scale,
});

/** Returns the view after a zoom; the point at `at`, pixels from the centre of the area, stays at its place. */
export function zoomed(
  view: View,
  factor: number,
  [least, most]: readonly [number, number],
  at: readonly [number, number] = [0, 0],
): View {
  const scale = Math.min(most, Math.max(least, view.scale * factor));
  return {
    x: view.x + at[0] / view.scale - at[0] / scale,
    y: view.y + at[1] / view.scale - at[1] / scale,
    scale,
  };
}

/** Returns the view after a key: arrows move, `+` and `-` zoom. Undefined for other keys. */
export function viewAfterKey(view: View, key: string, limits: readonly [number, number]): View | undefined {
  const step = 60;
  switch (key) {
    case "ArrowLeft":
      return panned(view, -step, 0);
    case "ArrowRight":
      return panned(view, step, 0);
    case "ArrowUp":
      return panned(view, 0, -step);
    case "ArrowDown":
      return panned(view, 0, step);
    case "+":
    case "=":
      return zoomed(view, 1.4, limits);
    case "-":
      return zoomed(view, 1 / 1.4, limits);
    default:
      return undefined;
  }
}
