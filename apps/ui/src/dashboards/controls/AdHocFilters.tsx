import { Autocomplete, Button, CloseButton, NativeSelect, Popover, Text } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import {
  type AdHocFilter,
  adHocFilters,
  adHocOperators,
  adHocOption,
  readAdHocFilter,
  type Variable,
} from "@narthex/dashboards";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { SyntheticEvent } from "react";
import { errorSentence } from "../../shell/StatusMessage.tsx";
import { TextButton } from "../../shell/TextButton.tsx";
import { classesOf } from "../../shell/style-sheet.ts";
import type { VariableControlProps } from "./VariableControls.tsx";
import styles from "./AdHocFilters.module.css";

const css = classesOf(styles);

/**
 * Functions that request suggestions for ad hoc filters: label names, and the values of a label. Each function rejects
 * with a readable message.
 */
export interface AdHocSuggestions {
  readonly keys: (variable: Variable, signal: AbortSignal) => Promise<readonly string[]>;
  readonly values: (variable: Variable, key: string, signal: AbortSignal) => Promise<readonly string[]>;
}

/** The stored value of a variable whose last filter was removed. An empty list would restore the saved filters. */
const NO_FILTER = { text: "", value: "" };

interface AdHocFiltersProps extends VariableControlProps {
  readonly suggestions?: AdHocSuggestions;
}

/** The ad hoc filters of a variable. A click on a filter edits it, and a button adds a new one. */
export function AdHocFilters({ state, label, onChange, suggestions }: AdHocFiltersProps) {
  const filters = adHocFilters(state);
  // Index of the filter that is being edited, or the number of filters for a new filter. Null if none is edited.
  const [open, setOpen] = useState<number | null>(null);
  const keep = (next: readonly AdHocFilter[]): void => {
    setOpen(null);
    onChange(next.length === 0 ? [NO_FILTER] : next.map(adHocOption));
  };
  const formFor = (at: number, filter: AdHocFilter) => (
    <FilterForm
      variable={state.variable}
      filter={filter}
      {...(suggestions === undefined ? {} : { suggestions })}
      onDone={(changed) => keep([...filters.slice(0, at), changed, ...filters.slice(at + 1)])}
    />
  );
  const popover = (at: number) => ({
    opened: open === at,
    onChange: (opened: boolean) => setOpen(opened ? at : null),
    position: "bottom-start" as const,
    shadow: "md",
    trapFocus: true,
    returnFocus: true,
  });
  return (
    <ul className={css("filters")} aria-label={`Filters of ${label}`}>
      {filters.map((filter, at) => {
        const { text, value } = adHocOption(filter);
        return (
          <li key={`${value} ${at}`} className={css("filter")}>
            <Popover {...popover(at)}>
              <Popover.Target>
                <button type="button" className={css("text")} title="Change" onClick={() => setOpen(at)}>
                  {text}
                </button>
              </Popover.Target>
              <Popover.Dropdown aria-label="Change the filter">{formFor(at, filter)}</Popover.Dropdown>
            </Popover>
            <CloseButton size="xs" aria-label={`Remove ${text}`} onClick={() => keep(filters.toSpliced(at, 1))} />
          </li>
        );
      })}
      <li>
        <Popover {...popover(filters.length)}>
          <Popover.Target>
            <TextButton onClick={() => setOpen(filters.length)}>
              <span className={css("add")}>
                <IconPlus size={13} aria-hidden />
                Add filter
              </span>
            </TextButton>
          </Popover.Target>
          <Popover.Dropdown aria-label="Add a filter">
            {formFor(filters.length, { key: "", operator: "=", value: "" })}
          </Popover.Dropdown>
        </Popover>
      </li>
    </ul>
  );
}

interface FilterFormProps {
  readonly variable: Variable;
  readonly filter: AdHocFilter;
  readonly suggestions?: AdHocSuggestions;
  readonly onDone: (filter: AdHocFilter) => void;
}

function FilterForm({ variable, filter, suggestions, onDone }: FilterFormProps) {
  const [{ key, operator, value }, setDraft] = useState(filter);
  const change = (part: Partial<AdHocFilter>): void => setDraft((old) => ({ ...old, ...part }));
  const enabled = suggestions !== undefined;
  const source = JSON.stringify(variable.datasource ?? {});
  const keys = useQuery({
    queryKey: ["adhoc keys", source, variable.name],
    queryFn: ({ signal }) => suggestions!.keys(variable, signal),
    enabled,
  });
  const values = useQuery({
    queryKey: ["adhoc values", source, variable.name, key],
    queryFn: ({ signal }) => suggestions!.values(variable, key, signal),
    enabled: enabled && keys.data?.includes(key) === true,
  });
  const error = keys.error ?? values.error;
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    const done = readAdHocFilter(adHocOption({ key: key.trim(), operator, value }).value);
    if (done !== undefined) onDone(done);
  };
  const operators = adHocOperators.includes(operator) ? adHocOperators : [...adHocOperators, operator];
  return (
    <form className={css("form")} onSubmit={submit}>
      <Autocomplete
        size="xs"
        label="Label"
        value={key}
        data={[...new Set(keys.data)]}
        limit={200}
        comboboxProps={{ withinPortal: false }}
        onChange={(text) => change({ key: text })}
      />
      <NativeSelect
        size="xs"
        label="Operator"
        value={operator}
        data={[...operators]}
        onChange={({ currentTarget }) => change({ operator: currentTarget.value })}
      />
      <Autocomplete
        size="xs"
        label="Value"
        value={value}
        data={[...new Set(values.data)]}
        limit={200}
        comboboxProps={{ withinPortal: false }}
        onChange={(text) => change({ value: text })}
      />
      {error !== null && (
        <Text size="xs" c="red" className={css("end")}>
          {errorSentence(error)}
        </Text>
      )}
      <Button type="submit" size="xs" className={css("end")} disabled={key.trim() === ""}>
        Apply filter
      </Button>
    </form>
  );
}
