import { NativeSelect } from "@mantine/core";
import { setPreference, usePreferences } from "./preferences.ts";
import { weekStarts } from "./week-start.ts";

/** Field for the user's first day of the week, which applies to all pages. */
export function WeekStartSelect() {
  const { weekStart } = usePreferences();
  return (
    <NativeSelect
      size="xs"
      label="First day of the week"
      value={weekStart}
      onChange={(event) => setPreference("weekStart", event.currentTarget.value)}
      data={[
        { value: "", label: "As in the browser's language" },
        ...weekStarts.map((name) => ({ value: name, label: `${name.charAt(0).toUpperCase()}${name.slice(1)}` })),
      ]}
    />
  );
}
