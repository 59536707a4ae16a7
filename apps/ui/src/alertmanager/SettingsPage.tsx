import { SegmentedControl, Stack, Switch, Text } from "@mantine/core";
import { useState } from "react";
import { PageHeader } from "../shell/PageHeader.tsx";
import { setPreference, usePreferences } from "../shell/preferences.ts";
import { keepWeekStart, weekStart, weekStarts } from "./first-day-of-week.ts";
import { Card } from "../shell/Card.tsx";

/** What a reader may choose; kept in this browser. */
export default function SettingsPage() {
  const { useLocalTime } = usePreferences();
  const [start, setStart] = useState(weekStart);
  return (
    <>
      <PageHeader title="Settings" />
      <Card p="md" maw={460}>
        <Stack gap="md">
          <Switch
            label="Use local time"
            description="Otherwise times are shown and read in UTC"
            checked={useLocalTime}
            onChange={(event) => setPreference("useLocalTime", event.currentTarget.checked)}
          />
          <div>
            <Text size="sm" id="week-start" mb={4}>
              First day of the week
            </Text>
            <SegmentedControl
              aria-labelledby="week-start"
              data={[...weekStarts]}
              value={start}
              onChange={(name) => {
                setStart(name);
                keepWeekStart(name);
              }}
            />
          </div>
        </Stack>
      </Card>
    </>
  );
}
