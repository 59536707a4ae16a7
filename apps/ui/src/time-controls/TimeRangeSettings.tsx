import { Group, NativeSelect, Stack, Text } from "@mantine/core";
import { useMemo, useState } from "react";
import { TextButton } from "../shell/TextButton.tsx";
import { WeekStartSelect } from "../shell/WeekStartSelect.tsx";
import { OptionPicker } from "./OptionPicker.tsx";
import { setPreference } from "../shell/preferences.ts";
import { chosenZone, utcOffsetText } from "../shell/time-zone.ts";
import { zoneChoices, zoneName, zoneValue } from "./time-zones.ts";
import type { TimeRangePickerProps } from "./TimeRangePicker.tsx";

const MONTHS = "January February March April May June July August September October November December".split(" ");

type TimeRangeSettingsProps = Pick<
  TimeRangePickerProps,
  "zone" | "onZone" | "fiscalYearStartMonth" | "onFiscalYear"
> & {
  /** Current time, epoch ms. */
  readonly now: number;
};

/**
 * Settings that apply to all pages: time zone, first day of the week, and start of the fiscal year. A button shows and
 * hides the inputs.
 */
export function TimeRangeSettings({
  zone,
  onZone,
  fiscalYearStartMonth = 0,
  onFiscalYear,
  now,
}: TimeRangeSettingsProps) {
  const [isOpen, setOpen] = useState(false);
  const shown = chosenZone(zone);
  const zones = useMemo(() => (isOpen ? zoneChoices(now) : []), [isOpen, now]);
  return (
    <Stack gap="xs">
      <Group justify="space-between">
        <Text size="xs">
          {zoneName(shown)}{" "}
          <Text span size="xs" c="dimmed">
            {utcOffsetText(shown, now)}
          </Text>
        </Text>
        <TextButton aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          Change time settings
        </TextButton>
      </Group>
      {isOpen && (
        <>
          <OptionPicker
            label="Time zones"
            options={zones}
            chosen={new Set([zoneValue(shown)])}
            emptyText="No time zone has this name."
            onPick={({ value }) => {
              setPreference("timeZone", value);
              onZone(value);
              setOpen(false);
            }}
          />
          {onFiscalYear !== undefined && (
            <NativeSelect
              size="xs"
              label="The fiscal year begins in"
              value={String(fiscalYearStartMonth)}
              data={MONTHS.map((label, month) => ({ value: String(month), label }))}
              onChange={({ currentTarget }) => onFiscalYear(Number(currentTarget.value))}
            />
          )}
          <WeekStartSelect />
        </>
      )}
    </Stack>
  );
}
