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
  /** Names the column, also in `sortedBy`. */
  readonly header: string;
  readonly cell: (item: T) => ReactNode;
  /** What rows are sorted by; a column without it cannot be sorted. Undefined comes last in both directions. */
  readonly sortKey?: (item: T) => string | number | undefined;
  readonly className?: string;
  readonly width?: number | string;
}

interface SortableTableProps<T> extends Omit<TableProps, "children" | "data"> {
  readonly columns: ReadonlyArray<SortableColumn<T>>;
  readonly items: readonly T[];
  readonly keyOf: (item: T, index: number) => string;
  /**
   * The column that rows are sorted by at first. Without it they come as they are given, and are given back that order
   * by the third click on a header.
   */
  readonly sortedBy?: string | undefined;
  /** Content of a second row below an item's cells, as wide as the table; null for no such row. */
  readonly detail?: ((item: T) => ReactNode) | undefined;
  /** Whether rows become cards on narrow screens, which have no headers to sort by. */
  readonly stacked?: boolean;
  /** Whether of many rows only those near the window are in the document. */
  readonly virtual?: boolean;
  /** Height of an item's rows before they have been drawn, pixels. */
  readonly estimatedHeight?: ((item: T) => number) | undefined;
}

/** A header that sorts by its column: ascending with the first click, descending with the second. */
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

/** An item's row and the row of its detail, in a `<tbody>` of their own, so that both are measured as one element. */
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

/** Items as rows that a reader sorts by a column. `columns` and `items` are the same objects until they change. */
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
