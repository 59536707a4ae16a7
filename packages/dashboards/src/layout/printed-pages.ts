import { CELL_GAP_PX, type PixelRect, rectOf } from "./pixels.ts";
import { inReadingOrder, type PlacedPanel } from "./placed-panel.ts";

/**
 * Area for panels on a sheet of A4 paper in CSS pixels, enlarged to 150 % so that panels are as wide as on a screen. The
 * print view's style sheet has the same sizes, and scales them down again.
 */
export const PAPER_AREAS = {
  portrait: { width: 1080, height: 1480 },
  landscape: { width: 1570, height: 1010 },
} as const;

export interface PrintedPanel {
  readonly placed: PlacedPanel;
  /** Position relative to the top left of the page, CSS pixels. */
  readonly rect: PixelRect;
}

/**
 * Distributes panels over pages of paper without splitting any. A panel that would cross the end of a page moves to the
 * next page, together with the panels below it. A panel higher than a page is shortened to the page's height.
 * @param width of a page, CSS pixels
 * @param height of a page, CSS pixels
 */
export function printedPages(
  panels: readonly PlacedPanel[],
  width: number,
  height: number,
): readonly (readonly PrintedPanel[])[] {
  const pages = new Map<number, PrintedPanel[]>();
  const ordered = inReadingOrder(panels);
  const heights = ordered.map(({ position }) => Math.min(rectOf(position, width).height, height));
  let moved = 0;
  ordered.forEach((placed, i) => {
    const rect = rectOf(placed.position, width);
    const own = heights[i]!;
    // Keeps a row title on the same page as the panel that follows the title.
    const withNext = placed.panel.type === "row" ? own + CELL_GAP_PX + (heights[i + 1] ?? 0) : own;
    const whole = withNext > height ? own : withNext;
    let page = Math.floor((rect.top + moved) / height);
    if (rect.top + moved + whole > (page + 1) * height) {
      page++;
      moved = page * height - rect.top;
    }
    const onPage = pages.get(page) ?? [];
    pages.set(page, onPage);
    onPage.push({ placed, rect: { ...rect, top: rect.top + moved - page * height, height: own } });
  });
  return [...pages.values()];
}
