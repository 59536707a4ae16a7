import { Table, UnstyledButton, VisuallyHidden } from "@mantine/core";
import type { TableProps } from "@mantine/core";
import { IconArrowDown, IconArrowUp } from "@tabler/icons-react";
import { useMemo, useState } from "react";
import type { ReactNode } from "react";
import { VirtualList, type VirtualListProps, WHOLE_UP_TO } from "./VirtualList.tsx";
import { classesOf } from "./style-sheet.ts";
import styles from "./DataTable.module.css";

const css = classesOf(styles);

const CARDS = { table: css("cards") };

/** A column of a table. */
export interface DataColumn<T> {
  /** Name of the column, also in `sortedBy`. */
  readonly header: string;
  /** Content of the header cell; by default the column's name. */
  readonly head?: ReactNode;
  readonly cell: (item: T) => ReactNode;
  /**
   * Returns the value by which rows are sorted. A column without this function is not sortable. Undefined values come
   * last in both directions.
   */
  readonly sortKey?: (item: T) => string | number | undefined;
  readonly className?: string;
  readonly width?: number | string;
}

interface DataTableProps<T> extends Omit<TableProps, "children" | "data"> {
  readonly columns: ReadonlyArray<DataColumn<T>>;
  readonly items: readonly T[];
  readonly keyOf: (item: T, index: number) => string;
  /**
   * Name of the column by which rows are sorted at first. If undefined, rows are in the given order, and the third
   * click on a header restores this order.
   */
  readonly sortedBy?: string | undefined;
  /** Returns the content of a second row below an item's cells, as wide as the table; null for none. */
  readonly detail?: ((item: T) => ReactNode) | undefined;
  /** Whether rows become cards on narrow screens. Cards have no headers to sort by, but each cell shows its header. */
  readonly stacked?: boolean;
  /** Whether a long table contains only the rows near the visible area. */
  readonly virtual?: boolean;
  /** Estimated height of an item's rows before they are rendered, pixels. */
  readonly estimatedHeight?: ((item: T) => number) | undefined;
  readonly scroller?: NonNullable<VirtualListProps<T>["scroller"]>;
}

interface Sort {
  readonly header: string;
  readonly isDescending: boolean;
}

/** A header that sorts by its column: ascending at the first click, descending at the second. */
function Header<T>({
  column: { header, head = header, sortKey, width },
  sort,
  onSort,
}: {
  column: DataColumn<T>;
  sort: Sort | undefined;
  onSort: () => void;
}) {
  if (sortKey === undefined)
    return <Table.Th w={width}>{head === "" ? <VisuallyHidden>Actions</VisuallyHidden> : head}</Table.Th>;
  const isSorted = sort?.header === header;
  const Arrow = sort?.isDescending === true ? IconArrowDown : IconArrowUp;
  return (
    <Table.Th w={width} aria-sort={!isSorted ? "none" : sort.isDescending ? "descending" : "ascending"}>
      <UnstyledButton className={css("sort")} onClick={onSort}>
        {head}
        {isSorted && <Arrow size={14} aria-hidden />}
      </UnstyledButton>
    </Table.Th>
  );
}

function ItemRow<T>({ item, columns }: Pick<DataTableProps<T>, "columns"> & { item: T }) {
  return (
    <Table.Tr>
      {columns.map(({ header, cell, className }) => (
        <Table.Td key={header} data-label={header === "" ? undefined : header} className={className}>
          {cell(item)}
        </Table.Td>
      ))}
    </Table.Tr>
  );
}

/** An item's row and its detail row in their own `<tbody>`, so that both are measured as one element. */
function ItemRows<T>({
  item,
  columns,
  detail,
}: Pick<DataTableProps<T>, "columns"> & { item: T; detail: (item: T) => ReactNode }) {
  const below = detail(item) ?? null;
  return (
    <tbody>
      <ItemRow item={item} columns={columns} />
      {below !== null && (
        <Table.Tr>
          <Table.Td colSpan={columns.length} data-follows>
            {below}
          </Table.Td>
        </Table.Tr>
      )}
    </tbody>
  );
}

/** Sorts items by a column. Items without a value come last in both directions. */
function sortedItems<T>(
  items: readonly T[],
  columns: ReadonlyArray<DataColumn<T>>,
  sort: Sort | undefined,
): readonly T[] {
  const sortKey = columns.find(({ header }) => header === sort?.header)?.sortKey;
  if (sort === undefined || sortKey === undefined) return items;
  const sign = sort.isDescending ? -1 : 1;
  return items
    .map((item) => ({ item, key: sortKey(item) }))
    .toSorted(({ key: left }, { key: right }) => {
      if (left === right) return 0;
      if (left === undefined || right === undefined) return left === undefined ? 1 : -1;
      return left < right ? -sign : sign;
    })
    .map(({ item }) => item);
}

/**
 * A table of items. The user sorts the items by a column that has a `sortKey`; `columns` and `items` must then be the
 * same objects until they change.
 */
export function DataTable<T>({
  columns,
  items,
  keyOf,
  sortedBy,
  detail,
  stacked = false,
  virtual = false,
  estimatedHeight,
  scroller = "page",
  ...props
}: DataTableProps<T>) {
  const [sort, setSort] = useState<Sort | undefined>(sortedBy === undefined ? undefined : ascending(sortedBy));
  const sorted = useMemo(() => sortedItems(items, columns, sort), [items, columns, sort]);
  const sortBy = (header: string): void => {
    if (sort?.header !== header) setSort(ascending(header));
    else if (sort.isDescending) setSort(sortedBy === undefined ? undefined : ascending(header));
    else setSort({ header, isDescending: true });
  };
  const list = {
    items: sorted,
    keyOf,
    scroller,
    ...(!virtual && { wholeUpTo: Infinity }),
    ...(estimatedHeight !== undefined && { estimatedHeight }),
  };
  return (
    <Table
      {...props}
      classNames={stacked ? CARDS : {}}
      aria-rowcount={virtual && items.length > WHOLE_UP_TO ? items.length : undefined}
    >
      <Table.Thead>
        <Table.Tr>
          {columns.map((column) => (
            <Header key={column.header} column={column} sort={sort} onSort={() => sortBy(column.header)} />
          ))}
        </Table.Tr>
      </Table.Thead>
      {detail === undefined ? (
        <Table.Tbody>
          <VirtualList {...list} render={(item) => <ItemRow item={item} columns={columns} />} rows="in body" />
        </Table.Tbody>
      ) : (
        <VirtualList
          {...list}
          render={(item) => <ItemRows item={item} columns={columns} detail={detail} />}
          rows="bodies"
        />
      )}
    </Table>
  );
}

const ascending = (header: string): Sort => ({ header, isDescending: false });
