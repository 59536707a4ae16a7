import { Fragment } from "react";
import type { ReactNode } from "react";
import { whenLoaded } from "./when-loaded.tsx";

/** Lists with at most this many items are rendered completely, unless `wholeUpTo` is set. */
export const WHOLE_UP_TO = 50;

/** Properties of a list that renders only the items near the visible area. */
export interface VirtualListProps<T> {
  readonly items: readonly T[];
  readonly keyOf: (item: T, index: number) => string;
  /** Renders an item as one element. */
  readonly render: (item: T, index: number) => ReactNode;
  /** The list is rendered completely if it has at most this many items. */
  readonly wholeUpTo?: number;
  /**
   * Estimated height of an item in pixels before it is rendered. A better estimate makes the page move less while
   * scrolling.
   */
  readonly estimatedHeight?: number | ((item: T) => number);
  /**
   * Elements of items in a table: "in body" means that an item is a `<tr>`, "bodies" that it is a `<tbody>` with one or
   * more rows.
   */
  readonly rows?: "in body" | "bodies";
  /** The element that scrolls: the page, or the nearest scrolling element around the list. */
  readonly scroller?: "page" | "element";
}

function Whole<T>({ items, keyOf, render }: VirtualListProps<T>) {
  return items.map((item, index) => <Fragment key={keyOf(item, index)}>{render(item, index)}</Fragment>);
}

/** A long list. Its code is loaded with the first one; meanwhile the start of the list is shown. */
const VirtualWindow = whenLoaded<VirtualListProps<unknown>>(
  () => import("./VirtualWindow.tsx"),
  ({ wholeUpTo, ...list }) => <Whole {...list} items={list.items.slice(0, wholeUpTo)} />,
);

/** Renders only the items of a long list that are near the visible area. Empty space replaces the other items. */
export function VirtualList<T>({ wholeUpTo = WHOLE_UP_TO, ...list }: VirtualListProps<T>) {
  if (list.items.length <= wholeUpTo) return <Whole {...list} />;
  return <VirtualWindow {...(list as VirtualListProps<unknown>)} wholeUpTo={wholeUpTo} />;
}
