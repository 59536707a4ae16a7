import { NativeSelect } from "@mantine/core";
import { dataSources, defaultDataSource } from "../datasource/registry.ts";

/** Selects the data source. Hidden if there is only one. */
export function DataSourceSelect({ id, onChange }: { id: string; onChange: (id: string | null) => void }) {
  if (dataSources.length === 1) return null;
  return (
    <NativeSelect
      aria-label="Data source"
      value={id}
      data={dataSources.map((source) => ({ value: source.id, label: source.name }))}
      onChange={({ currentTarget: { value } }) => onChange(value === defaultDataSource.id ? null : value)}
    />
  );
}
