import { Popover } from "@mantine/core";
import { IconFilter, IconFilterFilled } from "@tabler/icons-react";
import { useMemo, useState } from "react";
import { classesOf } from "../../../shell/style-sheet.ts";
import styles from "./ColumnFilter.module.css";
import { distinctTexts } from "./row-order.ts";
import type { TableColumn } from "./table-columns.ts";

const css = classesOf(styles);

/** Maximum number of distinct texts that are searched, and maximum number of texts in the list. */
const MAX_TEXTS = 10_000;
const MAX_OFFERED = 200;

interface ColumnFilterProps {
  readonly column: TableColumn;
  readonly length: number;
  readonly chosen: ReadonlySet<string> | undefined;
  readonly isOpen: boolean;
  readonly onOpen: (isOpen: boolean) => void;
  readonly onChoose: (chosen: ReadonlySet<string>) => void;
}

/** The button in a column's header that opens the filter for the column's texts. */
export function ColumnFilter(props: ColumnFilterProps) {
  const { column, chosen, isOpen, onOpen } = props;
  const isFiltered = (chosen?.size ?? 0) > 0;
  const Icon = isFiltered ? IconFilterFilled : IconFilter;
  return (
    <Popover opened={isOpen} onChange={onOpen} position="bottom-end" shadow="md" trapFocus returnFocus>
      <Popover.Target>
        <button
          type="button"
          className={css("button")}
          tabIndex={-1}
          aria-label={`Filter ${column.name}`}
          aria-pressed={isFiltered}
          data-filter
          onClick={() => onOpen(!isOpen)}
        >
          <Icon size={14} />
        </button>
      </Popover.Target>
      <Popover.Dropdown className={css("dropdown")}>
        <Choices {...props} />
      </Popover.Dropdown>
    </Popover>
  );
}

function Choices({ column, length, chosen = new Set(), onChoose }: ColumnFilterProps) {
  const [search, setSearch] = useState("");
  const texts = useMemo(() => distinctTexts(column, length, MAX_TEXTS), [column, length]);
  const wanted = search.toLowerCase();
  const found = texts.filter((text) => text.toLowerCase().includes(wanted));
  const turn = (text: string): void => {
    const next = new Set(chosen);
    if (!next.delete(text)) next.add(text);
    onChoose(next);
  };
  return (
    <>
      <input
        className={css("search")}
        type="search"
        placeholder="Find values"
        aria-label={`Find values of ${column.name}`}
        value={search}
        data-autofocus
        onChange={(event) => setSearch(event.currentTarget.value)}
      />
      <ul className={css("list")}>
        {found.slice(0, MAX_OFFERED).map((text) => (
          <li key={text}>
            <label className={css("choice")}>
              <input type="checkbox" checked={chosen.has(text)} onChange={() => turn(text)} />
              <span>{text === "" ? "(empty)" : text}</span>
            </label>
          </li>
        ))}
      </ul>
      {found.length > MAX_OFFERED && <p className={css("more")}>{found.length - MAX_OFFERED} more: search for them</p>}
      <div className={css("actions")}>
        <button type="button" onClick={() => onChoose(new Set(found))}>
          Choose all found
        </button>
        <button type="button" onClick={() => onChoose(new Set())}>
          Clear
        </button>
      </div>
    </>
  );
}
