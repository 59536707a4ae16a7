import { isObject, type JsonObject, patchDashboard } from "@narthex/dashboards";
import { IconPlus } from "@tabler/icons-react";
import { classesOf } from "../../../../shell/style-sheet.ts";
import { TextButton } from "../../../../shell/TextButton.tsx";
import { atPath, type ItemsForm, type Option, readOptions } from "../../../contracts/option-table.ts";
import { MoveTools, RemoveTool } from "./ItemTools.tsx";
import styles from "./ItemsField.module.css";
import { OptionInput } from "./OptionInput.tsx";

const css = classesOf(styles);

interface ItemsFieldProps {
  readonly form: ItemsForm;
  /** The list in the panel's JSON. An empty list is shown as a list with one new item, as the panel draws it. */
  readonly value: unknown;
  readonly onChange: (value: readonly JsonObject[]) => void;
}

/** The form of an option that is a list of objects: a group of inputs for each of them. */
export default function ItemsField({ form, value, onChange }: ItemsFieldProps) {
  const given = Array.isArray(value) ? (value as readonly unknown[]).filter(isObject) : [];
  const items = given.length === 0 ? [form.added] : given;
  const move = (at: number, by: number): void => onChange(items.toSpliced(at, 1).toSpliced(at + by, 0, items[at]!));
  return (
    <div className={css("list")}>
      {items.map((item, at) => {
        const name = `${form.noun} ${at + 1}`;
        return (
          <fieldset key={at} className={css("item")}>
            <legend>
              {name}{" "}
              {items.length > 1 && (
                <MoveTools
                  name={name}
                  isFirst={at === 0}
                  isLast={at === items.length - 1}
                  onMove={(by) => move(at, by)}
                />
              )}
              {given.length > 0 && <RemoveTool name={name} onClick={() => onChange(items.toSpliced(at, 1))} />}
            </legend>
            <ItemFields form={form} item={item} onChange={(next) => onChange(items.with(at, next))} />
          </fieldset>
        );
      })}
      {items.length < form.most && (
        <TextButton onClick={() => onChange([...items, form.added])}>
          <IconPlus size={12} aria-hidden /> Add {form.noun.toLowerCase()}
        </TextButton>
      )}
    </div>
  );
}

/** Returns the values of an item's options. An unknown choice stays, so that the form does not show another one. */
function itemValues({ table }: ItemsForm, item: JsonObject): Readonly<Record<string, unknown>> {
  const read: Record<string, unknown> = readOptions(table, item);
  for (const [key, { kind, path }] of Object.entries(table)) {
    const given = atPath(item, path);
    if (kind === "choice" && typeof given === "string") read[key] = given;
  }
  return read;
}

interface ItemFieldsProps {
  readonly form: ItemsForm;
  readonly item: JsonObject;
  readonly onChange: (item: JsonObject) => void;
}

function ItemFields({ form, item, onChange }: ItemFieldsProps) {
  const read = itemValues(form, item);
  const set = ({ path }: Option, value: unknown): void =>
    onChange(patchDashboard(item, [{ path: path.split("."), value }]));
  return Object.entries(form.table)
    .filter(([, { isShown }]) => isShown?.(read) ?? true)
    .map(([key, option]) => (
      <div key={key} className={css("field")} role="group" aria-label={option.name}>
        <span aria-hidden>{option.name}</span>
        <OptionInput option={option} value={read[key]} onChange={(value) => set(option, value)} />
      </div>
    ));
}
