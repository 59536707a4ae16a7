import { useRef } from "react";
import type { KeyboardEvent, MouseEvent, PointerEvent } from "react";
import { classesOf } from "../../../shell/style-sheet.ts";
import { ColumnFilter } from "./ColumnFilter.tsx";
import styles from "./HeaderCell.module.css";
import type { Sort } from "./row-order.ts";
import type { TableColumn } from "./table-columns.ts";

const css = classesOf(styles);

/** Step of resizing a column by keyboard, and minimum column width, CSS pixels. */
const STEP_PX = 16;
const MIN_PX = 40;

interface HeaderCellProps {
  readonly id: string;
  readonly column: TableColumn;
  readonly index: number;
  readonly length: number;
  readonly left: number;
  readonly width: number;
  readonly sorts: readonly Sort[];
  readonly isActive: boolean;
  readonly chosen: ReadonlySet<string> | undefined;
  readonly isFilterOpen: boolean;
  readonly onFilterOpen: (isOpen: boolean) => void;
  readonly onChoose: (chosen: ReadonlySet<string>) => void;
  readonly onTurn: (keepsOthers: boolean) => void;
  readonly onResize: (width: number) => void;
}

/** Returns the width of a column after a key press. Undefined if the key does not resize the column. */
export function resizedBy(event: KeyboardEvent, width: number): number | undefined {
  if (!event.altKey) return undefined;
  if (event.key === "ArrowLeft") return Math.max(MIN_PX, width - STEP_PX);
  return event.key === "ArrowRight" ? width + STEP_PX : undefined;
}

/**
 * The header of a column. A click on the name sorts the rows, a button filters them, and dragging the edge resizes the
 * column.
 */
export function HeaderCell(props: HeaderCellProps) {
  const { id, column, index, left, width, sorts, isActive, onTurn } = props;
  const at = sorts.findIndex(({ key }) => key === column.key);
  const sort = sorts[at];
  const click = (event: MouseEvent): void => onTurn(event.shiftKey || event.ctrlKey || event.metaKey);
  const { description } = column.field.config;
  return (
    <div
      id={id}
      role="columnheader"
      aria-colindex={index + 1}
      aria-sort={sort === undefined ? "none" : sort.isDescending ? "descending" : "ascending"}
      className={css("header")}
      data-active={isActive || undefined}
      style={{ left, width }}
    >
      <button
        type="button"
        tabIndex={-1}
        className={css("name")}
        data-align={column.align}
        title={typeof description === "string" && description !== "" ? `${column.name}: ${description}` : column.name}
        onClick={click}
      >
        <span className={css("text")}>{column.name}</span>
        {sort !== undefined && (
          <span aria-hidden>
            {sort.isDescending ? "▾" : "▴"}
            {sorts.length > 1 && at + 1}
          </span>
        )}
      </button>
      {column.isFilterable && (
        <ColumnFilter
          column={column}
          length={props.length}
          chosen={props.chosen}
          isOpen={props.isFilterOpen}
          onOpen={props.onFilterOpen}
          onChoose={props.onChoose}
        />
      )}
      <Edge width={width} onResize={props.onResize} />
    </div>
  );
}

/**
 * The edge of a column, which the user can drag to resize the column. A double click calls `onResize` with NaN, which
 * restores the default width.
 */
function Edge({ width, onResize }: { width: number; onResize: (width: number) => void }) {
  const begun = useRef<{ x: number; width: number } | null>(null);
  const down = (event: PointerEvent<HTMLElement>): void => {
    begun.current = { x: event.clientX, width };
    event.currentTarget.setPointerCapture(event.pointerId);
    event.preventDefault();
  };
  const move = (event: PointerEvent): void => {
    if (begun.current !== null) onResize(Math.max(MIN_PX, begun.current.width + event.clientX - begun.current.x));
  };
  const end = (): void => {
    begun.current = null;
  };
  return (
    <span
      className={css("edge")}
      aria-hidden
      onPointerDown={down}
      onPointerMove={move}
      onPointerUp={end}
      onPointerCancel={end}
      onDoubleClick={() => onResize(NaN)}
    />
  );
}
