import { Autocomplete, NativeSelect } from "@mantine/core";
import { IconPlus, IconX } from "@tabler/icons-react";
import { useState } from "react";
import { useDraft } from "../../../../../shell/use-draft.ts";
import { TextButton } from "../../../../../shell/TextButton.tsx";
import { Tool } from "../../inputs/Tool.tsx";
import { usePanelEditing } from "../../panel-edit-context.ts";
import { type LabelFilter, selectorText } from "./promql-parts.ts";
import { useLabelNames, useLabelValues } from "./source-labels.ts";
import { classesOf } from "../../../../../shell/style-sheet.ts";
import styles from "./LabelFilters.module.css";

const css = classesOf(styles);

const OPERATORS = ["=", "!=", "=~", "!~"];

interface LabelFiltersProps {
  readonly uid: string | undefined;
  readonly metric: string;
  readonly filters: readonly LabelFilter[];
  readonly onChange: (filters: readonly LabelFilter[]) => void;
}

/** Edits the label conditions of a query. A condition is added to the query when it is complete. */
export function LabelFilters({ uid, metric, filters, onChange }: LabelFiltersProps) {
  const [hasNew, setNew] = useState(false);
  const rows = hasNew ? [...filters, { label: "", op: "=" as const, value: "" }] : filters;
  const take = (at: number, filter: LabelFilter): void => {
    if (filter.label === "") return;
    if (at === filters.length) setNew(false);
    onChange(at === filters.length ? [...filters, filter] : filters.with(at, filter));
  };
  const selectorWithout = (at: number): string | undefined => {
    const text = selectorText({ metric, filters: filters.filter((_, index) => index !== at) });
    return text === "" || text.includes("$") ? undefined : text;
  };
  return (
    <div className={css("filters")}>
      <span className={css("label")}>Label filters</span>
      {rows.map((filter, at) => (
        <FilterRow
          // The index is the React key, because filters have no id.
          // oxlint-disable-next-line react/no-array-index-key
          key={at}
          number={at + 1}
          uid={uid}
          selector={selectorWithout(at)}
          filter={filter}
          onChange={(next) => take(at, next)}
          onRemove={() => {
            if (at === filters.length) setNew(false);
            else onChange(filters.toSpliced(at, 1));
          }}
        />
      ))}
      <TextButton onClick={() => setNew(true)}>
        <IconPlus size={12} aria-hidden /> Add filter
      </TextButton>
    </div>
  );
}

function FilterRow({
  number,
  uid,
  selector,
  filter,
  onChange,
  onRemove,
}: {
  number: number;
  uid: string | undefined;
  /** Selector of the series whose labels and values are suggested. */
  selector: string | undefined;
  filter: LabelFilter;
  onChange: (filter: LabelFilter) => void;
  onRemove: () => void;
}) {
  const [label, setLabel] = useDraft(filter.label);
  const [value, setValue] = useDraft(filter.value);
  const [isOpened, setOpened] = useState(false);
  const names = useLabelNames(isOpened ? uid : undefined, selector);
  const values = useLabelValues(isOpened ? uid : undefined, label, selector);
  const variables = usePanelEditing().variables.filter(({ type }) => type !== "adhoc");
  const commit = (change: Partial<LabelFilter>): void => {
    const next = { ...filter, label, value, ...change };
    if (next.label !== filter.label || next.value !== filter.value || next.op !== filter.op) onChange(next);
  };
  return (
    <div className={css("row")} onFocus={() => setOpened(true)}>
      <Autocomplete
        size="xs"
        className={css("name")}
        aria-label={`Label ${number}`}
        placeholder="Label"
        data={names.filter((name) => name !== "__name__")}
        limit={200}
        value={label}
        onChange={setLabel}
        onOptionSubmit={(name) => (filter.label === "" ? setLabel(name) : commit({ label: name }))}
        onBlur={() => filter.label !== "" && commit({})}
      />
      <NativeSelect
        size="xs"
        className={css("op")}
        aria-label={`Operator ${number}`}
        data={OPERATORS}
        value={filter.op}
        onChange={({ currentTarget }) => commit({ op: currentTarget.value as LabelFilter["op"] })}
      />
      <Autocomplete
        size="xs"
        className={css("value")}
        aria-label={`Value ${number}`}
        placeholder="Value"
        data={[...new Set([...variables.map(({ name }) => `$${name}`), ...values])]}
        limit={200}
        value={value}
        onChange={setValue}
        onOptionSubmit={(text) => commit({ value: text })}
        onKeyDown={({ key }) => key === "Enter" && commit({})}
        onBlur={() => commit({})}
      />
      <Tool label={`Remove filter ${number}`} onClick={onRemove}>
        <IconX size={14} />
      </Tool>
    </div>
  );
}
