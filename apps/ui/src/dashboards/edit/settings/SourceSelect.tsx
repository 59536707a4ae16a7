import { Autocomplete, Select } from "@mantine/core";
import type { DataSourceRef, JsonObject, SourceListing } from "@narthex/dashboards";
import { useDashboardContext } from "../../data/dashboard-context.ts";
import { useDashboardEdit } from "../../draft/edit-context.ts";

/** Selects a data source: one that the server has, or a variable whose value names the data source. */
export function SourceSelect(props: {
  label?: string;
  /** Reference to the data source in the dashboard's JSON. */
  value: unknown;
  /** Reports whether a data source is offered; by default, all are. */
  fits?: (source: SourceListing) => boolean;
  onChange: (source: JsonObject) => void;
}) {
  const { label = "Data source", value, fits = () => true, onChange } = props;
  const { sources } = useDashboardContext();
  const { dashboard } = useDashboardEdit();
  const uid = sourceUidOf(value);
  const fitting = sources.filter(fits);
  const chosenBy = dashboard.variables.filter(({ type }) => type === "datasource");
  const choices = [
    ...fitting.map((source) => ({
      value: source.uid,
      label: source.isDefault ? `${source.name} (default)` : source.name,
    })),
    ...chosenBy.map(({ name }) => ({ value: `\${${name}}`, label: `\${${name}}` })),
  ];
  const isKnown = uid === "" || choices.some((choice) => choice.value === uid);
  const typeOf = (chosen: string): string => {
    const named = chosenBy.find(({ name }) => `\${${name}}` === chosen)?.query;
    return sources.find((source) => source.uid === chosen)?.type ?? (typeof named === "string" ? named : "");
  };
  return (
    <Select
      label={label}
      searchable
      limit={200}
      allowDeselect={false}
      placeholder="The default one"
      data={isKnown ? choices : [...choices, { value: uid, label: `${uid} (not found)` }]}
      value={uid === "" ? null : uid}
      onChange={(chosen) => {
        if (chosen === null) return;
        const type = typeOf(chosen);
        onChange({ ...(type === "" ? {} : { type }), uid: chosen });
      }}
    />
  );
}

/** Returns the uid or name of the data source in a JSON reference; "" if the reference contains neither. */
function sourceUidOf(value: unknown): string {
  if (typeof value === "string") return value;
  const uid = typeof value === "object" && value !== null && "uid" in value ? value.uid : undefined;
  return typeof uid === "string" ? uid : "";
}

/** Returns the data source type in a reference; "" if the reference contains no type. */
export function sourceTypeOf(value: unknown): string {
  const type = typeof value === "object" && value !== null && "type" in value ? value.type : undefined;
  return typeof type === "string" ? type : "";
}

/** Returns the reference to a data source that a variable's or annotation's JSON contains. */
export function sourceRefIn(value: unknown): DataSourceRef {
  const [type, uid] = [sourceTypeOf(value), sourceUidOf(value)];
  return { ...(type === "" ? {} : { type }), ...(uid === "" ? {} : { uid }) };
}

export function SourceTypeField({ value, onChange }: { value: string; onChange: (type: string) => void }) {
  const { sources } = useDashboardContext();
  return (
    <Autocomplete
      label="Kind of data source"
      data={[...new Set(sources.map(({ type }) => type))]}
      value={value}
      onChange={onChange}
    />
  );
}
