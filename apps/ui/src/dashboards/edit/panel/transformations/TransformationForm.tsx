import { Text } from "@mantine/core";
import { type Edit, type Frame, valueAtPath } from "@narthex/dashboards";
import { useMemo } from "react";
import type { ComponentType } from "react";
import { readOptions } from "../../../contracts/option-table.ts";
import { DraftJson } from "../inputs/DraftJson.tsx";
import { OptionInput } from "../inputs/OptionInput.tsx";
import { readOption } from "../inputs/SettingInput.tsx";
import { SettingRow } from "../options/SettingRow.tsx";
import { PanelEditingContext, usePanelEditing } from "../panel-edit-context.ts";
import { isJsonObject } from "../panel-edit.ts";
import { shownNames } from "../preview/shown-names.ts";
import { BinaryFields } from "./BinaryFields.tsx";
import { ConversionFields } from "./ConversionFields.tsx";
import { FilterByNameFields } from "./FilterByNameFields.tsx";
import { FilterByValueFields } from "./FilterByValueFields.tsx";
import { GroupByFields } from "./GroupByFields.tsx";
import { optionForms } from "./option-forms.ts";
import { OrganizeFields } from "./OrganizeFields.tsx";
import { RefIdFields } from "./RefIdFields.tsx";
import { SortByFields } from "./SortByFields.tsx";
import type { StepFormProps } from "./step-form.ts";
import { classesOf } from "../../../../shell/style-sheet.ts";
import styles from "./TransformationForm.module.css";

const css = classesOf(styles);

/**
 * Forms by transformation id, for options that an option table cannot describe. If a transformation also has a table,
 * the form is below the table's inputs.
 */
const forms: Readonly<Record<string, ComponentType<StepFormProps>>> = {
  organize: OrganizeFields,
  filterFieldsByName: FilterByNameFields,
  filterByRefId: RefIdFields,
  filterByValue: FilterByValueFields,
  groupBy: GroupByFields,
  sortBy: SortByFields,
  convertFieldType: ConversionFields,
  calculateField: BinaryFields,
};

/**
 * Edits the options of a transformation step with an option table, a form, or both. Transformations without either have
 * a JSON editor.
 */
export function TransformationForm({
  id,
  options,
  input,
  onEdit,
  onReplace,
}: {
  id: string;
  options: unknown;
  input: readonly Frame[];
  /** Changes values of the step's options. Paths are relative to the options. */
  onEdit: (edits: readonly Edit[]) => void;
  onReplace: (options: unknown) => void;
}) {
  const editing = usePanelEditing();
  const fieldNames = useMemo(() => shownNames(input), [input]);
  const own = useMemo(() => ({ ...editing, fieldNames }), [editing, fieldNames]);
  const json = isJsonObject(options) ? options : {};
  const Form = Object.hasOwn(forms, id) ? forms[id] : undefined;
  const table = Object.hasOwn(optionForms, id) ? optionForms[id] : undefined;
  if (Form === undefined && table === undefined)
    return <DraftJson label={`Options of ${id}`} value={options} rows={6} onCommit={onReplace} />;
  const read: Readonly<Record<string, unknown>> = readOptions(table ?? {}, json);
  const shown = Object.values(table ?? {}).filter(({ isShown }) => isShown?.(read) ?? true);
  return (
    <PanelEditingContext value={own}>
      {table !== undefined && shown.length === 0 && (
        <Text size="sm" c="dimmed">
          This transformation has no options.
        </Text>
      )}
      {shown.length > 0 && (
        <div className={css("fields")}>
          {shown.map((option) => {
            const path = option.path.split(".");
            return (
              <SettingRow key={option.path} name={option.name} description={option.description}>
                <OptionInput
                  option={option}
                  value={readOption(option, valueAtPath(json, path))}
                  onChange={(value) => onEdit([{ path, value }])}
                />
              </SettingRow>
            );
          })}
        </div>
      )}
      {Form !== undefined && <Form options={json} input={input} fieldNames={fieldNames} onEdit={onEdit} />}
    </PanelEditingContext>
  );
}
