import { useVirtualizer, useWindowVirtualizer } from "@tanstack/react-virtual";
import type { Virtualizer } from "@tanstack/react-virtual";
import { Fragment, useCallback, useLayoutEffect, useState } from "react";
import type { VirtualListProps } from "./VirtualList.tsx";

/** Renders the items of a long list that are near the visible area. */
export default function VirtualWindow<T>({ scroller = "page", ...list }: VirtualListProps<T>) {
  return scroller === "page" ? <PageWindow {...list} /> : <ElementWindow {...list} />;
}

type WindowProps<T> = Omit<VirtualListProps<T>, "wholeUpTo" | "scroller">;

/**
 * Items are rendered if they are at most this far (pixels) outside the visible area. At least 2 and at most 12 items
 * are rendered in each direction.
 */
const OVERSCAN_PX = 500;

function useOptions<T>({ items, keyOf, estimatedHeight = 44 }: WindowProps<T>) {
  const heightAt = (index: number): number =>
    typeof estimatedHeight === "number" ? estimatedHeight : estimatedHeight(items[index] as T);
  return {
    count: items.length,
    estimateSize: heightAt,
    getItemKey: useCallback((index: number) => keyOf(items[index] as T, index), [items, keyOf]),
    overscan: Math.min(12, Math.max(2, Math.ceil(OVERSCAN_PX / heightAt(0)))),
    useFlushSync: false,
  };
}

function PageWindow<T>(list: WindowProps<T>) {
  const [start, setStart] = useState<HTMLElement | null>(null);
  const [scrollMargin, setScrollMargin] = useState(0);
  // oxlint-disable-next-line react/incompatible-library -- every scroll renders the list again, so memoization would save nothing
  const virtualizer = useWindowVirtualizer<HTMLElement>({ ...useOptions(list), scrollMargin });
  const updateMargin = (): void => setScrollMargin(Math.round((start?.getBoundingClientRect().top ?? 0) + scrollY));
  return (
    <Window
      {...list}
      start={start}
      setStart={setStart}
      virtualizer={virtualizer}
      margin={scrollMargin}
      onLayout={updateMargin}
    />
  );
}

function ElementWindow<T>(list: WindowProps<T>) {
  const [start, setStart] = useState<HTMLElement | null>(null);
  const [scrollMargin, setScrollMargin] = useState(0);
  // oxlint-disable-next-line react/incompatible-library -- every scroll renders the list again, so memoization would save nothing
  const virtualizer = useVirtualizer<HTMLElement, HTMLElement>({
    ...useOptions(list),
    scrollMargin,
    getScrollElement: () => scrollingElement(start),
  });
  const updateMargin = (): void => {
    const scrolling = scrollingElement(start);
    if (scrolling === null || start === null) return;
    const offset = start.getBoundingClientRect().top - scrolling.getBoundingClientRect().top;
    setScrollMargin(Math.round(offset + scrolling.scrollTop));
  };
  return (
    <Window
      {...list}
      start={start}
      setStart={setStart}
      virtualizer={virtualizer}
      margin={scrollMargin}
      onLayout={updateMargin}
    />
  );
}

function scrollingElement(from: Element | null): HTMLElement | null {
  for (let at = from?.parentElement ?? null; at !== null; at = at.parentElement) {
    if (/auto|scroll/.test(getComputedStyle(at).overflowY)) return at;
  }
  return null;
}

type ListVirtualizer = Virtualizer<Window, HTMLElement> | Virtualizer<HTMLElement, HTMLElement>;

/** Measures the rendered items, which follow `start`, and sets their row numbers. */
function measure(start: HTMLElement, virtualizer: ListVirtualizer, rows: WindowProps<unknown>["rows"]): void {
  let element = start.nextElementSibling;
  for (const { index } of virtualizer.getVirtualItems()) {
    if (!(element instanceof HTMLElement)) return;
    element.setAttribute("data-index", String(index));
    const row = rows === "bodies" ? element.firstElementChild : element;
    if (rows !== undefined) row?.setAttribute("aria-rowindex", String(index + 1));
    virtualizer.measureElement(element);
    element = element.nextElementSibling;
  }
}

/** Renders the items near the visible area, between empty spaces for the items before and after them. */
function Window<T>({
  items,
  render,
  rows,
  start,
  setStart,
  virtualizer,
  margin,
  onLayout,
}: WindowProps<T> & {
  start: HTMLElement | null;
  setStart: (element: HTMLElement | null) => void;
  virtualizer: ListVirtualizer;
  margin: number;
  onLayout: () => void;
}) {
  const drawn = virtualizer.getVirtualItems();
  const before = (drawn[0]?.start ?? margin) - margin;
  const after = virtualizer.getTotalSize() - ((drawn.at(-1)?.end ?? margin) - margin);

  // Measures after each render, because items can be measured only after they are rendered, and content above the list
  // may have grown.
  useLayoutEffect(() => {
    onLayout();
    if (start !== null) measure(start, virtualizer, rows);
  });

  return (
    <>
      <Space height={before} rows={rows} ref={setStart} />
      {drawn.map(({ index, key }) => (
        <Fragment key={String(key)}>{render(items[index] as T, index)}</Fragment>
      ))}
      <Space height={Math.max(0, after)} rows={rows} />
    </>
  );
}

/** Empty space with the height of the items that are not rendered. */
function Space({
  height,
  rows,
  ref,
}: {
  height: number;
  rows: WindowProps<unknown>["rows"];
  ref?: (element: HTMLElement | null) => void;
}) {
  if (rows === undefined) return <div ref={ref} aria-hidden style={{ height }} />;
  const cell = <td aria-hidden style={{ height, padding: 0, border: 0 }} />;
  if (rows === "in body") {
    return (
      <tr ref={ref} aria-hidden>
        {cell}
      </tr>
    );
  }
  return (
    <tbody ref={ref} aria-hidden>
      <tr>{cell}</tr>
    </tbody>
  );
}
