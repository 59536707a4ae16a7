import { NativeSelect, Stack } from "@mantine/core";
import { browserTimeZone } from "@narthex/dashboards/time";
import { setPreference, usePreferences } from "./preferences.ts";
import { WeekStartSelect } from "./WeekStartSelect.tsx";

/** Fields for the user's time zone and first day of the week, which apply to all pages. */
export function TimeSettings() {
  const { timeZone } = usePreferences();
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
      <WeekStartSelect />
    </Stack>
  );
}
