import { Switch } from "@mantine/core";
import { useId } from "react";
import type { Option } from "../../../contracts/option-table.ts";
import { usePanelEditing } from "../panel-edit-context.ts";
import { Choice } from "./Choice.tsx";
import { ColorField } from "./ColorField.tsx";
import { DraftJson } from "./DraftJson.tsx";
import { DraftNumber } from "./DraftNumber.tsx";
import { DraftText } from "./DraftText.tsx";
import { FieldList } from "./FieldPick.tsx";
import { RangeField } from "./RangeField.tsx";
import { Reducers } from "./Reducers.tsx";
import { SpanField } from "./SpanField.tsx";
import { TextList } from "./TextList.tsx";
import { whenLoaded } from "../../../../shell/when-loaded.tsx";

// Only lists of objects load their form, which contains this input.
const ItemsField = whenLoaded(() => import("./ItemsField.tsx"));

interface OptionInputProps<O extends Option> {
  readonly option: O;
  /** The option's value in the panel's JSON, or its default. */
  readonly value: unknown;
  /** Called with the new value, or with undefined to remove the option from the JSON. */
  readonly onChange: (value: unknown) => void;
}

export function OptionInput({ option, value, onChange }: OptionInputProps<Option>) {
  const { name } = option;
  switch (option.kind) {
    case "switch":
      return (
        <Switch
          size="sm"
          aria-label={name}
          checked={value === true}
          onChange={({ currentTarget }) => onChange(currentTarget.checked)}
        />
      );
    case "choice": {
      const choices = Object.entries(option.choices).map(([id, label]) => ({ value: id, label }));
      return <Choice label={name} choices={choices} value={String(value)} onChange={onChange} />;
    }
    case "pick": {
      const choices = option.choices.map(([, label], at) => ({ value: String(at), label }));
      const at = option.choices.findIndex(([one]) => one === value);
      return (
        <Choice
          label={name}
          choices={choices}
          value={String(at)}
          onChange={(next) => onChange(option.choices[Number(next)]?.[0])}
        />
      );
    }
    case "span":
      return (
        <SpanField
          label={name}
          hasAlways={option.hasAlways}
          value={typeof value === "number" ? value : value === true}
          onChange={onChange}
        />
      );
    case "number":
      return <NumberOptionInput option={option} value={value} onChange={onChange} />;
    case "text":
      return <TextOptionInput option={option} value={value} onChange={onChange} />;
    case "color":
      return <ColorField label={name} value={typeof value === "string" ? value : ""} onChange={onChange} />;
    case "list":
      return <ListOptionInput option={option} value={value} onChange={onChange} />;
    case "raw":
      return option.form === undefined ? (
        <DraftJson label={name} value={value} rows={1} onCommit={onChange} />
      ) : (
        <ItemsField form={option.form} value={value} onChange={onChange} />
      );
  }
}

type Of<K extends Option["kind"]> = OptionInputProps<Extract<Option, { kind: K }>>;

function NumberOptionInput({ option, value, onChange }: Of<"number">) {
  const { name, min, max, integer = false, initial } = option;
  const given = typeof value === "number" ? value : undefined;
  if (min !== undefined && max !== undefined && max <= 100 && given !== undefined)
    return <RangeField label={name} value={given} min={min} max={max} integer={integer} onChange={onChange} />;
  return (
    <DraftNumber
      label={name}
      value={given}
      placeholder={initial === undefined ? "Auto" : String(initial)}
      integer={integer}
      {...(min === undefined ? {} : { min })}
      {...(max === undefined ? {} : { max })}
      onCommit={onChange}
    />
  );
}

function TextOptionInput({ option, value, onChange }: Of<"text">) {
  const { fieldNames } = usePanelEditing();
  const listId = useId();
  const text = typeof value === "string" ? value : "";
  const commit = (next: string): void => onChange(next === "" ? undefined : next);
  if (option.input === "area") return <DraftText label={option.name} value={text} rows={8} onCommit={onChange} />;
  if (option.input !== "field") return <DraftText label={option.name} value={text} onCommit={commit} />;
  return (
    <>
      <DraftText label={option.name} value={text} list={listId} onCommit={commit} />
      <datalist id={listId}>
        {fieldNames.map((name) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </datalist>
    </>
  );
}

function ListOptionInput({ option, value, onChange }: Of<"list">) {
  const texts = Array.isArray(value) ? (value as unknown[]).filter((one) => typeof one === "string") : [];
  switch (option.of) {
    case "reducers":
      return <Reducers label={option.name} value={texts} onChange={onChange} />;
    case "fields":
      return <FieldList label={option.name} value={texts} onChange={onChange} />;
    case "text":
      return <TextList label={option.name} value={texts} onChange={onChange} />;
  }
}
