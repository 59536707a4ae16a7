import type { JsonObject } from "@narthex/dashboards";
import { DraftText } from "../inputs/DraftText.tsx";
import { SettingRow } from "../options/SettingRow.tsx";
import { textOf } from "../panel-edit.ts";

interface OptionalTextProps {
  readonly label: string;
  readonly description: string;
  readonly placeholder: string;
  readonly query: JsonObject;
  /** Name of the query's property. An empty text removes the property. */
  readonly name: string;
  readonly set: (name: string, value: unknown) => void;
}

/** A row with the input for a text of a query that may be missing. */
export function OptionalText({ label, description, placeholder, query, name, set }: OptionalTextProps) {
  return (
    <SettingRow name={label} description={description}>
      <DraftText
        label={label}
        placeholder={placeholder}
        value={textOf(query, name)}
        onCommit={(text) => set(name, text === "" ? undefined : text)}
      />
    </SettingRow>
  );
}
