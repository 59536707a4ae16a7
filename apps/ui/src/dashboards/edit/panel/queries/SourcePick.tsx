import type { DataSourceRef } from "@narthex/dashboards";
import { PickButton } from "../inputs/PickButton.tsx";
import { usePanelEditing } from "../panel-edit-context.ts";

/** Uid of a panel's data source if each query of the panel selects its own data source. */
export const MIXED = "-- Mixed --";

/** Selects a data source: one that the server has, or a variable whose value names the data source. */
export function SourcePick({
  label,
  value,
  hasMixed = false,
  onChange,
}: {
  label: string;
  value: DataSourceRef | undefined;
  hasMixed?: boolean;
  onChange: (ref: DataSourceRef) => void;
}) {
  const { sources, variables } = usePanelEditing();
  const ofVariables = variables
    .filter(({ type }) => type === "datasource")
    .map(({ name, query }) => ({ uid: `\${${name}}`, type: typeof query === "string" ? query : "", name: `$${name}` }));
  const all = [
    ...sources.map(({ uid, name, type, isDefault }) => ({
      uid,
      type,
      text: name,
      hint: isDefault ? `${type}, default` : type,
    })),
    ...ofVariables.map(({ uid, type, name }) => ({ uid, type, text: name, hint: "variable" })),
    ...(hasMixed ? [{ uid: MIXED, type: "datasource", text: MIXED, hint: "a source for each query" }] : []),
  ];
  const usual = sources.find(({ isDefault }) => isDefault);
  const uid = value?.uid ?? usual?.uid ?? "";
  const known = all.find((one) => one.uid === uid) ?? all.find(({ text }) => text === uid || `$${text}` === uid);
  return (
    <PickButton
      label={label}
      text={known?.text ?? (uid === "" ? "Choose a source" : `${uid} (not found)`)}
      options={all.map(({ uid: id, text, hint }) => ({ value: id, text, hint }))}
      chosen={uid}
      onPick={(id) => {
        const one = all.find((each) => each.uid === id);
        if (one !== undefined) onChange({ ...(one.type === "" ? {} : { type: one.type }), uid: one.uid });
      }}
    />
  );
}
