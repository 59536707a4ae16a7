import type { Frame } from "@narthex/dashboards";
import { useVirtualizer, type VirtualItem } from "@tanstack/react-virtual";
import { useCallback, useId, useLayoutEffect, useMemo, useState } from "react";
import type { ClipboardEvent, KeyboardEvent, MouseEvent } from "react";
import { classesOf } from "../../../shell/style-sheet.ts";
import { legibleOn } from "../../plot/readable-text.ts";
import type { PanelContext } from "../../contracts/panel-kind.ts";
import { Cell, type CellProps, groundOf, TEXT_PX } from "./Cell.tsx";
import { type FooterLine, footerLines } from "./footer.ts";
import { type ActiveCell, movedBy } from "./grid-keys.ts";
import { HeaderCell, resizedBy } from "./HeaderCell.tsx";
import type { TableOptions } from "./options.ts";
import { PageControls } from "../paging/PageControls.tsx";
import { orderRows, type Sort, turnSort } from "./row-order.ts";
import { heightsOf, ROW_PX } from "./row-height.ts";
import { cellText, columnWidths, type TableColumn, tableColumns } from "./table-columns.ts";
import styles from "./TableGrid.module.css";

const css = classesOf(styles);

const HEADER_PX = 32;
const FOOTER_LINE_PX = 20;
const PAGES_PX = 30;

interface TableGridProps {
  readonly title: string;
  readonly frame: Frame;
  readonly options: TableOptions;
  readonly width: number;
  readonly height: number;
  readonly context: PanelContext;
}

const noFilters: ReadonlyMap<string, ReadonlySet<string>> = new Map();
const noWidths: ReadonlyMap<string, number> = new Map();

function initialSorts(columns: readonly TableColumn[], { sortBy }: TableOptions): readonly Sort[] {
  return sortBy.flatMap(({ name, isDescending }) => {
    const column = columns.find((one) => one.name === name) ?? columns.find(({ field }) => field.name === name);
    return column === undefined ? [] : [{ key: column.key, isDescending }];
  });
}

/** Returns a copy of a map with another value at a key. The value undefined removes the key. */
function withEntry<V>(map: ReadonlyMap<string, V>, key: string, value: V | undefined): ReadonlyMap<string, V> {
  const next = new Map(map);
  if (value === undefined) next.delete(key);
  else next.set(key, value);
  return next;
}

/** A data frame as a grid, of which only visible cells are rendered. For keyboard navigation, see `grid-keys.ts`. */
export function TableGrid({ title, frame, options, width, height, context }: TableGridProps) {
  const { theme, zone, now } = context;
  const columns = useMemo(
    () => tableColumns(frame, { scheme: theme.scheme, zone, now }),
    [frame, theme.scheme, zone, now],
  );
  const legible = useCallback((color: string) => legibleOn(color, theme.surface, TEXT_PX), [theme.surface]);
  const [turned, setSorts] = useState<readonly Sort[]>();
  const [filters, setFilters] = useState(noFilters);
  const [resized, setResized] = useState(noWidths);
  const [page, setPage] = useState(0);
  const [wanted, setActive] = useState<ActiveCell>({ row: options.isHeaderShown ? -1 : 0, column: 0 });
  const [openFilter, setOpenFilter] = useState<string>();
  const [scroller, setScroller] = useState<HTMLDivElement | null>(null);
  const id = useId();

  const sorts = useMemo(() => turned ?? initialSorts(columns, options), [turned, columns, options]);
  const ordered = useMemo(() => orderRows(columns, frame.length, sorts, filters), [columns, frame, sorts, filters]);
  const widths = useMemo(() => columnWidths(columns, width - 12, resized), [columns, width, resized]);
  const footer = useMemo(() => footerLines(columns, ordered, options), [columns, ordered, options]);
  const footerPx =
    footer === undefined
      ? 0
      : 8 + FOOTER_LINE_PX * footer.map((lines) => lines.length).reduce((a, b) => Math.max(a, b), 1);
  const headerPx = options.isHeaderShown ? HEADER_PX : 0;
  const rowPx = ROW_PX[options.cellHeight];
  const isPaginated = options.isPaginated || options.isFooterPaginated;
  const gridHeight = height - (isPaginated ? PAGES_PX : 0);
  const pageRows = Math.max(1, Math.floor((gridHeight - headerPx - footerPx) / rowPx));
  const pages = isPaginated ? Math.max(1, Math.ceil(ordered.length / pageRows)) : 1;
  const shownPage = Math.min(page, pages - 1);
  const rows = useMemo(
    () => (isPaginated ? ordered.subarray(shownPage * pageRows, (shownPage + 1) * pageRows) : ordered),
    [isPaginated, ordered, shownPage, pageRows],
  );
  const heightOf = useMemo(() => heightsOf(columns, widths, rowPx), [columns, widths, rowPx]);

  // oxlint-disable-next-line react/incompatible-library -- every scroll renders the grid again, so memoization would save nothing
  const rowWindow = useVirtualizer({
    count: rows.length,
    estimateSize: (index) => heightOf(rows[index]!),
    getScrollElement: () => scroller,
    overscan: 6,
    scrollPaddingStart: headerPx,
    scrollPaddingEnd: footerPx,
    useFlushSync: false,
    initialRect: { width, height: gridHeight },
  });
  const columnWindow = useVirtualizer({
    horizontal: true,
    count: columns.length,
    estimateSize: (index) => widths[index]!,
    getScrollElement: () => scroller,
    overscan: 2,
    useFlushSync: false,
    initialRect: { width, height: gridHeight },
  });
  // Notify the virtualizers when the computed sizes have changed.
  useLayoutEffect(() => rowWindow.measure(), [rowWindow, heightOf, rows]);
  useLayoutEffect(() => columnWindow.measure(), [columnWindow, widths]);

  // Moves the active cell into the table, because the table may have become smaller.
  const active = { row: Math.min(wanted.row, rows.length - 1), column: Math.min(wanted.column, columns.length - 1) };
  const shownRows = rowWindow.getVirtualItems().filter(({ index }) => index < rows.length);
  const tableWidth = widths.reduce((sum, one) => sum + one, 0);
  const shownColumns = columnWindow.getVirtualItems().filter(({ index }) => index < columns.length);
  const turn = (key: string, keepsOthers: boolean): void => setSorts(turnSort(sorts, key, keepsOthers));
  const resize = (key: string, to: number): void =>
    setResized((now) => withEntry(now, key, Number.isNaN(to) ? undefined : to));
  const hasActiveRow = active.row < 0 ? options.isHeaderShown : shownRows.some(({ index }) => index === active.row);
  const isActiveDrawn = hasActiveRow && shownColumns.some(({ index }) => index === active.column);
  const cellId = ({ row, column }: ActiveCell): string => `${id}-${row}-${column}`;

  const moveTo = (to: ActiveCell): void => {
    setActive(to);
    if (to.row >= 0) rowWindow.scrollToIndex(to.row);
    columnWindow.scrollToIndex(to.column);
  };
  const keyDown = (event: KeyboardEvent): void => {
    // Ignores keys from an open column filter, which handles its own keys. In the DOM, the filter is outside of the
    // grid.
    if (event.target !== event.currentTarget) return;
    const column = columns[active.column];
    if (column === undefined) return;
    const newWidth = active.row < 0 ? resizedBy(event, widths[active.column]!) : undefined;
    const to = movedBy(event, active, {
      rows: rows.length,
      columns: columns.length,
      page: pageRows,
      hasHeader: options.isHeaderShown,
    });
    if (newWidth !== undefined) resize(column.key, newWidth);
    else if (event.altKey && event.key === "ArrowDown" && column.isFilterable) setOpenFilter(column.key);
    else if (to !== undefined && !event.altKey) moveTo(to);
    else if (event.key === "Enter" || event.key === " ") {
      if (active.row < 0) turn(column.key, event.shiftKey);
      else document.getElementById(cellId(active))?.querySelector("a")?.click();
    } else return;
    event.preventDefault();
  };
  const copy = (event: ClipboardEvent): void => {
    const row = rows[active.row];
    const column = columns[active.column];
    if (column === undefined || (window.getSelection()?.toString() ?? "") !== "") return;
    event.clipboardData.setData("text/plain", row === undefined ? column.name : cellText(column, row));
    event.preventDefault();
  };
  const pointDown = (event: MouseEvent<HTMLElement>): void => {
    const cell = (event.target as HTMLElement).closest<HTMLElement>("[data-at]")?.dataset["at"]?.split(" ").map(Number);
    if (cell !== undefined) setActive({ row: cell[0]!, column: cell[1]! });
  };

  if (columns.length === 0) return <p className={css("empty")}>All columns are hidden.</p>;
  return (
    <>
      <div
        ref={setScroller}
        role="grid"
        aria-label={title === "" ? "Table" : title}
        aria-rowcount={ordered.length + (options.isHeaderShown ? 1 : 0)}
        aria-colcount={columns.length}
        aria-activedescendant={isActiveDrawn ? cellId(active) : undefined}
        tabIndex={0}
        className={css("grid")}
        style={{ width, height: gridHeight }}
        onKeyDown={keyDown}
        onCopy={copy}
        onMouseDown={pointDown}
      >
        {options.isHeaderShown && (
          <div role="row" aria-rowindex={1} className={css("head")} style={{ width: tableWidth, height: HEADER_PX }}>
            {shownColumns.map(({ index, start }) => {
              const column = columns[index]!;
              return (
                <HeaderCell
                  key={column.key}
                  id={cellId({ row: -1, column: index })}
                  column={column}
                  index={index}
                  length={frame.length}
                  left={start}
                  width={widths[index]!}
                  sorts={sorts}
                  isActive={active.row < 0 && active.column === index}
                  chosen={filters.get(column.key)}
                  isFilterOpen={openFilter === column.key}
                  onFilterOpen={(isOpen) => setOpenFilter(isOpen ? column.key : undefined)}
                  onChoose={(chosen) =>
                    setFilters((now) => withEntry(now, column.key, chosen.size === 0 ? undefined : chosen))
                  }
                  onTurn={(keepsOthers) => turn(column.key, keepsOthers)}
                  onResize={(to) => resize(column.key, to)}
                />
              );
            })}
          </div>
        )}
        <div role="rowgroup" className={css("body")} style={{ width: tableWidth, height: rowWindow.getTotalSize() }}>
          {shownRows.map(({ index, start, size }) => (
            <GridRow
              key={index}
              id={id}
              frame={frame}
              columns={columns}
              widths={widths}
              shownColumns={shownColumns}
              row={rows[index]!}
              index={index}
              rowIndex={index + shownPage * pageRows * Number(isPaginated) + 1 + Number(options.isHeaderShown)}
              top={start}
              height={size}
              activeColumn={active.row === index ? active.column : -1}
              linksOf={context.linksOf}
              legible={legible}
            />
          ))}
        </div>
        {footer !== undefined && (
          <Footer footer={footer} columns={columns} shownColumns={shownColumns} width={tableWidth} height={footerPx} />
        )}
      </div>
      {isPaginated && (
        <PageControls
          label="Pages of the table"
          page={shownPage}
          pages={pages}
          pageRows={pageRows}
          rows={ordered.length}
          onPage={setPage}
        />
      )}
    </>
  );
}

interface GridRowProps {
  readonly id: string;
  readonly frame: Frame;
  readonly columns: readonly TableColumn[];
  readonly widths: readonly number[];
  readonly shownColumns: readonly VirtualItem[];
  /** Index of the row in the frame, index of the row among the shown rows, and row number for screen readers. */
  readonly row: number;
  readonly index: number;
  readonly rowIndex: number;
  readonly top: number;
  readonly height: number;
  /** Index of the active column; -1 if the active cell is in another row. */
  readonly activeColumn: number;
  readonly linksOf: PanelContext["linksOf"];
  readonly legible: CellProps["legible"];
}

function GridRow(props: GridRowProps) {
  const {
    id,
    frame,
    columns,
    widths,
    shownColumns,
    row,
    index,
    rowIndex,
    top,
    height,
    activeColumn,
    linksOf,
    legible,
  } = props;
  const colored = columns.find(({ options, cell }) => options.isRowColored && cell.kind === "color-background");
  const ground = colored === undefined ? undefined : groundOf(colored, colored.displayAt(row));
  const links = ({ field }: TableColumn) => linksOf({ field, frame, row });
  return (
    <div role="row" aria-rowindex={rowIndex} className={css("row")} style={{ top, height, ...ground }}>
      {shownColumns.map(({ index: at, start }) => {
        const column = columns[at]!;
        return (
          <div
            key={column.key}
            id={`${id}-${index}-${at}`}
            role="gridcell"
            aria-colindex={at + 1}
            className={css("cell")}
            data-at={`${index} ${at}`}
            data-align={column.align}
            data-wrapped={column.isWrapped || undefined}
            data-active={activeColumn === at || undefined}
            title={column.cell.kind === "json-view" ? cellText(column, row) : undefined}
            style={{
              left: start,
              width: widths[at]!,
              ...(ground === undefined && column.cell.kind === "color-background"
                ? groundOf(column, column.displayAt(row))
                : {}),
            }}
          >
            <div className={css("content")}>
              <Cell
                column={column}
                row={row}
                width={widths[at]!}
                height={height}
                links={links(column)}
                legible={legible}
              />
            </div>
          </div>
        );
      })}
    </div>
  );
}

interface FooterProps {
  readonly footer: readonly (readonly FooterLine[])[];
  readonly columns: readonly TableColumn[];
  readonly shownColumns: readonly VirtualItem[];
  readonly width: number;
  readonly height: number;
}

function Footer({ footer, columns, shownColumns, width, height }: FooterProps) {
  return (
    <div role="row" className={css("foot")} style={{ width, height }} data-testid="table-footer">
      {shownColumns.map(({ index, start, size }) => (
        <div
          key={columns[index]!.key}
          role="gridcell"
          aria-colindex={index + 1}
          className={css("total")}
          style={{ left: start, width: size }}
          data-align={columns[index]!.align}
        >
          {footer[index]!.map(({ name, text }) => (
            <div key={name} className={css("line")}>
              <span className={css("reducer")}>{name}</span> {text}
            </div>
          ))}
        </div>
      ))}
    </div>
  );
}
