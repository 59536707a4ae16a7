import { Table, UnstyledButton } from "@mantine/core";
import type { TableProps } from "@mantine/core";
import { IconArrowDown, IconArrowUp } from "@tabler/icons-react";
import { createSortedRowModel, rowSortingFeature, sortFn_basic, tableFeatures, useTable } from "@tanstack/react-table";
import type { ColumnDef, Header, Row, RowData } from "@tanstack/react-table";
import { useMemo } from "react";
import type { ReactNode } from "react";
import { StackTable } from "./StackTable.tsx";
import { VirtualList } from "./VirtualList.tsx";
import { classesOf } from "./style-sheet.ts";
import styles from "./SortableTable.module.css";

const css = classesOf(styles);

const features = tableFeatures({ rowSortingFeature, sortedRowModel: createSortedRowModel() });
type Features = typeof features;

/** A column of a sortable table. */
export interface SortableColumn<T> {
  /** Name of the column, also in `sortedBy`. */
  readonly header: string;
  readonly cell: (item: T) => ReactNode;
  /**
   * Returns the value by which rows are sorted; a column without it is not sortable. Undefined comes last in both
   * directions.
   */
  readonly sortKey?: (item: T) => string | number | undefined;
  readonly className?: string;
  readonly width?: number | string;
}

interface SortableTableProps<T> extends Omit<TableProps, "children" | "data"> {
  readonly columns: ReadonlyArray<SortableColumn<T>>;
  readonly items: readonly T[];
  readonly keyOf: (item: T, index: number) => string;
  /**
   * The column of the initial sort. Without it rows are in the given order, and the third click on a header restores
   * that order.
   */
  readonly sortedBy?: string | undefined;
  /** Returns the content of a second row below an item's cells, as wide as the table; null for none. */
  readonly detail?: ((item: T) => ReactNode) | undefined;
  /** Whether rows become cards on narrow screens, which have no headers to sort by. */
  readonly stacked?: boolean;
  /** Whether only rows near the window are in the document if there are many. */
  readonly virtual?: boolean;
  /** Estimated height of an item's rows before they are rendered, pixels. */
  readonly estimatedHeight?: ((item: T) => number) | undefined;
}

/** A header that sorts by its column: ascending at the first click, descending at the second. */
function SortableHeader<T extends RowData>({
  header,
  width,
}: {
  header: Header<Features, T>;
  width: number | string | undefined;
}) {
  const { column } = header;
  if (!column.getCanSort()) return <Table.Th w={width}>{column.id}</Table.Th>;
  const direction = column.getIsSorted();
  const Arrow = direction === "desc" ? IconArrowDown : IconArrowUp;
  return (
    <Table.Th w={width} aria-sort={direction === false ? "none" : direction === "desc" ? "descending" : "ascending"}>
      <UnstyledButton className={css("sort")} onClick={() => column.toggleSorting()}>
        {column.id}
        {direction !== false && <Arrow size={14} aria-hidden />}
      </UnstyledButton>
    </Table.Th>
  );
}

function ItemRow<T>({ item, columns }: Pick<SortableTableProps<T>, "columns"> & { item: T }) {
  return (
    <Table.Tr>
      {columns.map(({ header, cell, className }) => (
        <Table.Td key={header} data-label={header} className={className}>
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
}: Pick<SortableTableProps<T>, "columns"> & { item: T; detail: (item: T) => ReactNode }) {
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

function useSortedRows<T extends RowData>({
  columns,
  items,
  keyOf,
  sortedBy,
}: Pick<SortableTableProps<T>, "columns" | "items" | "keyOf" | "sortedBy">) {
  const definitions = useMemo(
    () =>
      columns.map(({ header, sortKey }): ColumnDef<Features, T> =>
        sortKey === undefined
          ? { id: header }
          : { id: header, accessorFn: sortKey, sortFn: sortFn_basic, sortUndefined: "last" },
      ),
    [columns],
  );
  return useTable({
    features,
    columns: definitions,
    data: items,
    getRowId: keyOf,
    sortDescFirst: false,
    enableMultiSort: false,
    enableSortingRemoval: sortedBy === undefined,
    initialState: { sorting: sortedBy === undefined ? [] : [{ id: sortedBy, desc: false }] },
  });
}

/**
 * A table of items that the user sorts by a column. `columns` and `items` must be the same objects until they change.
 */
export function SortableTable<T extends RowData>({
  columns,
  items,
  keyOf,
  sortedBy,
  detail,
  stacked = false,
  virtual = false,
  estimatedHeight,
  ...props
}: SortableTableProps<T>) {
  const table = useSortedRows({ columns, items, keyOf, sortedBy });
  const { rows } = table.getRowModel();
  const Frame = stacked ? StackTable : Table;
  const list = {
    items: rows,
    keyOf: rowId<T>,
    ...(!virtual && { wholeUpTo: Infinity }),
    ...(estimatedHeight !== undefined && { estimatedHeight: (row: Row<Features, T>) => estimatedHeight(row.original) }),
  };
  return (
    <Frame {...props} aria-rowcount={virtual ? rows.length : undefined}>
      <Table.Thead>
        <Table.Tr>
          {table.getFlatHeaders().map((header, index) => (
            <SortableHeader key={header.id} header={header} width={columns[index]?.width} />
          ))}
        </Table.Tr>
      </Table.Thead>
      {detail === undefined ? (
        <Table.Tbody>
          <VirtualList {...list} render={(row) => <ItemRow item={row.original} columns={columns} />} rows="in body" />
        </Table.Tbody>
      ) : (
        <VirtualList
          {...list}
          render={(row) => <ItemRows item={row.original} columns={columns} detail={detail} />}
          rows="bodies"
        />
      )}
    </Frame>
  );
}

function rowId<T extends RowData>(row: Row<Features, T>): string {
  return row.id;
}
