import { useMemo, useState } from "react";
import type { MouseEvent, ReactNode } from "react";
import { classesOf } from "../shell/style-sheet.ts";
import styles from "./Legend.module.css";

const css = classesOf(styles);

export interface LegendItem {
  /** Unique key of the series, used for hiding and showing it. */
  readonly key: string;
  readonly name: string;
  /** The displayed name, if it has highlighted parts; by default the plain name. */
  readonly label?: ReactNode;
  readonly color: string;
  /** Reduced values of the series, one for each legend column. */
  readonly values: readonly { readonly text: string; readonly numeric: number | null }[];
}

export interface LegendSettings {
  readonly mode: "list" | "table";
  /** Position of the legend. `rows` means below the plot with one long name per line. */
  readonly placement: "bottom" | "right" | "rows";
  /** Names of the value columns. */
  readonly columns: readonly string[];
  readonly sortBy: string;
  readonly sortDescending: boolean;
}

const LISTS = { bottom: css("list", "bottom"), right: css("list", "right"), rows: css("list", "rows") };

/** Number of series that are shown first. A button shows all series. */
const FIRST_SHOWN = { bottom: 200, right: 200, rows: 100 };

/**
 * Returns the hidden series after a click on a legend item. The click shows only this series, or all series if it was
 * the only visible one. With a modifier key, the click shows or hides this series.
 */
export function hiddenAfterClick(
  hidden: ReadonlySet<string>,
  clicked: string,
  all: readonly string[],
  single: boolean,
): ReadonlySet<string> {
  if (single) {
    const next = new Set(hidden);
    if (!next.delete(clicked)) next.add(clicked);
    return all.every((key) => next.has(key)) ? new Set() : next;
  }
  const others = all.filter((key) => key !== clicked);
  const isAlone = !hidden.has(clicked) && others.every((key) => hidden.has(key));
  return isAlone ? new Set() : new Set(others);
}

interface LegendProps {
  readonly items: readonly LegendItem[];
  readonly settings: LegendSettings;
  readonly hidden: ReadonlySet<string>;
  readonly onHide: (hidden: ReadonlySet<string>) => void;
  /** Called with the key of the series under the pointer, or with null. */
  readonly onPoint?: (key: string | null) => void;
}

/** The total number of legend items, and the function that shows all items. */
interface Rest {
  readonly most: number;
  readonly more: ReactNode;
}

/**
 * Legend with names and optionally columns of reduced values. A click shows only one series; a click with Ctrl, Cmd or
 * Shift toggles one series.
 */
export function Legend(props: LegendProps) {
  const { items, settings } = props;
  const [isWhole, showWhole] = useState(false);
  const first = FIRST_SHOWN[settings.placement];
  const isCut = !isWhole && items.length > first;
  const List = settings.mode === "table" ? LegendTable : LegendList;
  const more = isCut && (
    <button type="button" className={css("more")} onClick={() => showWhole(true)}>
      Show all {items.length} series
    </button>
  );
  return <List {...props} most={isCut ? first : items.length} more={more} />;
}

function Name({ item, items, settings, hidden, onHide, onPoint }: LegendProps & { item: LegendItem }) {
  const click = (event: MouseEvent): void => {
    const isSingle = event.ctrlKey || event.metaKey || event.shiftKey;
    onHide(
      hiddenAfterClick(
        hidden,
        item.key,
        items.map(({ key }) => key),
        isSingle,
      ),
    );
  };
  return (
    <button
      type="button"
      className={css("name")}
      aria-pressed={!hidden.has(item.key)}
      title={
        settings.placement === "rows" ? "Click to show only this series, Ctrl+click to hide or show it" : item.name
      }
      onClick={click}
      onPointerEnter={() => onPoint?.(item.key)}
      onPointerLeave={() => onPoint?.(null)}
      onFocus={() => onPoint?.(item.key)}
      onBlur={() => onPoint?.(null)}
    >
      <span className={css("swatch")} style={{ background: item.color }} />
      <span className={css("text")}>{item.label ?? item.name}</span>
    </button>
  );
}

function LegendList({ most, more, ...props }: LegendProps & Rest) {
  const { items, settings } = props;
  return (
    <>
      <ul className={LISTS[settings.placement]} aria-label="Legend">
        {items.slice(0, most).map((item) => (
          <li key={item.key} className={css("item")}>
            <Name {...props} item={item} />
            {item.values.map(({ text }, at) => (
              <span key={settings.columns[at]} className={css("value")}>
                {settings.columns[at]}: {text}
              </span>
            ))}
          </li>
        ))}
      </ul>
      {more}
    </>
  );
}

interface Sort {
  readonly column: string;
  readonly isDescending: boolean;
}

function LegendTable({ most, more, ...props }: LegendProps & Rest) {
  const { items, settings } = props;
  const [sort, setSort] = useState<Sort>({ column: settings.sortBy, isDescending: settings.sortDescending });
  const rows = useMemo(() => sorted(items, settings.columns, sort), [items, settings.columns, sort]);
  const turn = (column: string): void =>
    setSort((now) => ({ column, isDescending: now.column === column ? !now.isDescending : true }));
  const order = (column: string) =>
    sort.column === column ? (sort.isDescending ? "descending" : "ascending") : "none";
  return (
    <>
      <table className={settings.placement === "right" ? css("table", "beside") : css("table")} aria-label="Legend">
        <thead>
          <tr>
            {["Name", ...settings.columns].map((column) => (
              <th key={column} scope="col" aria-sort={order(column)}>
                <button type="button" className={css("sort")} onClick={() => turn(column)}>
                  {column}
                  {sort.column === column && (sort.isDescending ? " ▾" : " ▴")}
                </button>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, most).map((item) => (
            <tr key={item.key}>
              <td>
                <Name {...props} item={item} />
              </td>
              {item.values.map(({ text }, at) => (
                <td key={settings.columns[at]} className={css("value")}>
                  {text}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {more}
    </>
  );
}

/** Sorts legend items by a column. Missing values come last in both directions. */
function sorted(
  items: readonly LegendItem[],
  columns: readonly string[],
  { column, isDescending }: Sort,
): readonly LegendItem[] {
  const sign = isDescending ? -1 : 1;
  const at = columns.indexOf(column);
  if (column === "Name") return items.toSorted((a, b) => sign * a.name.localeCompare(b.name));
  if (at < 0) return items;
  return items.toSorted((a, b) => {
    const [left, right] = [a.values[at]?.numeric ?? null, b.values[at]?.numeric ?? null];
    if (left === null || right === null) return left === right ? 0 : left === null ? 1 : -1;
    return sign * (left - right);
  });
}
