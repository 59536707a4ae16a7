import { Fragment, Suspense, lazy } from "react";
import type { ReactNode } from "react";

const VirtualWindow = lazy(() => import("./VirtualWindow.tsx"));

/** A list of which only the part near the window is in the document. */
export interface VirtualListProps<T> {
  readonly items: readonly T[];
  readonly keyOf: (item: T, index: number) => string;
  /** Renders an item as one element. */
  readonly render: (item: T, index: number) => ReactNode;
  /** Up to this number of items the whole list is in the document. */
  readonly wholeUpTo?: number;
  /** Estimated height of an item before it is rendered, pixels. The better the estimate, the less the page moves. */
  readonly estimatedHeight?: number | ((item: T) => number);
  /** "in body": each item is a `<tr>` of one `<tbody>`. "bodies": each item is a `<tbody>` with one or more rows. */
  readonly rows?: "in body" | "bodies";
  /** The element that scrolls: the page, or the nearest scrolling element around the list. */
  readonly scroller?: "page" | "element";
}

function Whole<T>({ items, keyOf, render }: VirtualListProps<T>) {
  return items.map((item, index) => <Fragment key={keyOf(item, index)}>{render(item, index)}</Fragment>);
}

/** Renders the part of a long list near the window; the rest is empty space of the same height. */
export function VirtualList<T>({ wholeUpTo = 50, ...list }: VirtualListProps<T>) {
  if (list.items.length <= wholeUpTo) return <Whole {...list} />;
  return (
    // The virtualizer is loaded with the first long list. Meanwhile the start of the list is shown.
    <Suspense fallback={<Whole {...list} items={list.items.slice(0, wholeUpTo)} />}>
      <VirtualWindow {...(list as VirtualListProps<unknown>)} />
    </Suspense>
  );
}
