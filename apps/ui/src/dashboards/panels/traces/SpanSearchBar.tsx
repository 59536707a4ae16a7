import { IconChevronDown, IconChevronUp } from "@tabler/icons-react";
import { useId } from "react";
import { classesOf } from "../../../shell/style-sheet.ts";
import type { Trace } from "./read-trace.ts";
import { isSearching, noSearch, type SpanSearch } from "./span-search.ts";
import styles from "./SpanSearchBar.module.css";

const css = classesOf(styles);

interface SpanSearchBarProps {
  readonly trace: Trace;
  readonly search: SpanSearch;
  readonly onSearch: (search: SpanSearch) => void;
  /** Number of spans that match. */
  readonly matches: number;
  readonly areMatchesOnly: boolean;
  readonly onMatchesOnly: (areMatchesOnly: boolean) => void;
  /** Selects the next (1) or previous (-1) match. */
  readonly onStep: (direction: 1 | -1) => void;
}

/** Fields that search the spans of a trace by text, service and duration. */
export function SpanSearchBar(props: SpanSearchBarProps) {
  const { trace, search, onSearch, matches, onStep, areMatchesOnly, onMatchesOnly } = props;
  const id = useId();
  const isOn = isSearching(search);
  return (
    <form
      role="search"
      aria-label="Search spans"
      className={css("bar")}
      onSubmit={(event) => {
        event.preventDefault();
        onStep(1);
      }}
    >
      <input
        type="search"
        aria-label="Text in spans"
        placeholder="Text in spans"
        className={css("text")}
        value={search.text}
        onChange={({ currentTarget }) => onSearch({ ...search, text: currentTarget.value })}
      />
      <select
        aria-label="Service"
        className={css("field")}
        value={search.service}
        onChange={({ currentTarget }) => onSearch({ ...search, service: currentTarget.value })}
      >
        <option value="">All services</option>
        {trace.services.slice(0, 500).map(({ name, count }) => (
          <option key={name} value={name}>
            {name} ({count})
          </option>
        ))}
      </select>
      <input
        aria-label="Min duration"
        placeholder="Min, e.g. 20ms"
        className={css("field", "short")}
        value={search.minDuration}
        onChange={({ currentTarget }) => onSearch({ ...search, minDuration: currentTarget.value })}
      />
      {isOn && (
        <>
          <output className={css("count")}>
            {matches} of {trace.spans.length} spans
          </output>
          <button
            type="button"
            className={css("tool")}
            aria-label="Previous match"
            disabled={matches === 0}
            onClick={() => onStep(-1)}
          >
            <IconChevronUp size={14} aria-hidden />
          </button>
          <button type="submit" className={css("tool")} aria-label="Next match" disabled={matches === 0}>
            <IconChevronDown size={14} aria-hidden />
          </button>
          <span className={css("only")}>
            <input
              type="checkbox"
              id={id}
              checked={areMatchesOnly}
              onChange={({ currentTarget }) => onMatchesOnly(currentTarget.checked)}
            />
            <label htmlFor={id}>Matches only</label>
          </span>
          <button type="button" className={css("tool")} onClick={() => onSearch(noSearch)}>
            Clear
          </button>
        </>
      )}
    </form>
  );
}
