import { NativeSelect, Stack } from "@mantine/core";
import { browserTimeZone } from "@narthex/dashboards/time";
import { setPreference, usePreferences } from "./preferences.ts";
import { weekStarts } from "./week-start.ts";

/** The reader's time zone and first day of the week, for all pages. */
export function TimeSettings() {
  const { timeZone, weekStart } = usePreferences();
  return (
    <Stack gap="xs">
      <NativeSelect
        size="xs"
        label="Time zone"
        value={timeZone}
        onChange={(event) => setPreference("timeZone", event.currentTarget.value)}
        data={[
          { value: "browser", label: `Browser time, ${browserTimeZone()}` },
          { value: "utc", label: "UTC" },
          ...Intl.supportedValuesOf("timeZone").filter((name) => name !== "UTC"),
        ]}
      />
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
    </Stack>
  );
}
