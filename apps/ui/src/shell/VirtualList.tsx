import { Fragment, Suspense, lazy } from "react";
import type { ReactNode } from "react";

const VirtualWindow = lazy(() => import("./VirtualWindow.tsx"));

/** A list of which only what is near the window is in the document. */
export interface VirtualListProps<T> {
  readonly items: readonly T[];
  readonly keyOf: (item: T, index: number) => string;
  /** Draws an item as one element. */
  readonly render: (item: T, index: number) => ReactNode;
  /** Shorter lists are in the document as a whole. */
  readonly wholeUpTo?: number;
  /** Height of an item before it has been drawn, pixels. The closer it is, the less the page moves once it is drawn. */
  readonly estimatedHeight?: number | ((item: T) => number);
  /** "in body": each item is a `<tr>` of one `<tbody>`. "bodies": each item is a `<tbody>` with one or more rows. */
  readonly rows?: "in body" | "bodies";
  /** What scrolls: the page, or the nearest element around the list that does. */
  readonly scroller?: "page" | "element";
}

function Whole<T>({ items, keyOf, render }: VirtualListProps<T>) {
  return items.map((item, index) => <Fragment key={keyOf(item, index)}>{render(item, index)}</Fragment>);
}

/** Draws a long list as far as it is near the window; the rest is empty space of the same height. */
export function VirtualList<T>({ wholeUpTo = 50, ...list }: VirtualListProps<T>) {
  if (list.items.length <= wholeUpTo) return <Whole {...list} />;
  return (
    // What measures long lists is loaded with the first of them, whose beginning stands there meanwhile.
    <Suspense fallback={<Whole {...list} items={list.items.slice(0, wholeUpTo)} />}>
      <VirtualWindow {...(list as VirtualListProps<unknown>)} />
    </Suspense>
  );
}
