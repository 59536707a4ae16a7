import { ActionIcon, Button, Group, Loader, Stack, TextInput } from "@mantine/core";
import { IconCalendar } from "@tabler/icons-react";
import { type CalendarSettings, type QuickRange, type RawTimeRange } from "@narthex/dashboards";
import { shownTimeZone } from "../shell/time-zone.ts";
import { firstDayOfWeek } from "../shell/week-start.ts";
import { useState } from "react";
import type { SyntheticEvent } from "react";
import { nowMs } from "../time/browser-clock.ts";
import { classesOf } from "../shell/style-sheet.ts";
import { CompareChoice } from "./CompareChoice.tsx";
import { OptionPicker } from "./OptionPicker.tsx";
import { endText, rangeText } from "./range-text.ts";
import { recentRanges } from "./recent-ranges.ts";
import { TimeRangeSettings } from "./TimeRangeSettings.tsx";
import { rangeOfTexts, rangeProblems } from "./typed-range.ts";
import type { TimeRangePickerProps } from "./TimeRangePicker.tsx";
import { whenLoaded } from "../shell/when-loaded.tsx";
import styles from "./TimeRangePanel.module.css";

const css = classesOf(styles);

const RangeCalendar = whenLoaded(() => import("./RangeCalendar.tsx"), <Loader size="sm" type="dots" />);

interface TimeRangePanelProps extends TimeRangePickerProps {
  readonly quick: readonly QuickRange[];
  readonly onChoose: (raw: RawTimeRange) => void;
}

/**
 * Panel in which the user selects a time range: named ranges, start and end as text or in a calendar, and recent
 * ranges. The panel also selects the time zone.
 */
export function TimeRangePanel(props: TimeRangePanelProps) {
  const { raw, zone, quick, onChoose } = props;
  const [now] = useState(nowMs);
  const settings: CalendarSettings = {
    now,
    zone: shownTimeZone(zone),
    weekStart: props.weekStart ?? firstDayOfWeek(),
    fiscalYearStartMonth: props.fiscalYearStartMonth ?? 0,
  };
  const named = quick.map((range, at) => ({ value: String(at), text: range.display }));
  const chosen = quick.findIndex(({ from, to }) => from === raw.from && to === raw.to);
  return (
    <div className={css("panel")}>
      <div className={css("part")}>
        <h2 className={css("heading")}>Absolute time range</h2>
        <RangeForm key={settings.zone} raw={raw} settings={settings} onChoose={onChoose} />
        <RecentRanges zone={settings.zone} quick={quick} onChoose={onChoose} />
      </div>
      <div className={css("part")}>
        <OptionPicker
          label="Quick ranges"
          options={named}
          chosen={new Set([String(chosen)])}
          onPick={({ value }) => {
            const { from, to } = quick[Number(value)]!;
            onChoose({ from, to });
          }}
        />
      </div>
      <div className={css("foot")}>
        {props.onCompare !== undefined && (
          <CompareChoice
            compare={props.compare ?? ""}
            isNeeded={props.isAlwaysCompared === true}
            onCompare={props.onCompare}
          />
        )}
        <TimeRangeSettings {...props} now={now} />
      </div>
    </div>
  );
}

function RangeForm({
  raw,
  settings,
  onChoose,
}: {
  raw: RawTimeRange;
  settings: CalendarSettings;
  onChoose: (raw: RawTimeRange) => void;
}) {
  const { zone } = settings;
  const [from, setFrom] = useState(() => endText(raw.from, zone));
  const [to, setTo] = useState(() => endText(raw.to, zone));
  const [isCalendarOpen, setCalendarOpen] = useState(false);
  const problems = rangeProblems({ from, to }, settings);
  const isSound = problems.from === undefined && problems.to === undefined;
  const apply = (event: SyntheticEvent): void => {
    event.preventDefault();
    if (isSound) onChoose(rangeOfTexts({ from, to }, settings));
  };
  const calendar = (
    <ActionIcon
      variant="subtle"
      color="gray"
      aria-label="Choose days in a calendar"
      aria-expanded={isCalendarOpen}
      onClick={() => setCalendarOpen(!isCalendarOpen)}
    >
      <IconCalendar size={16} />
    </ActionIcon>
  );
  return (
    <form onSubmit={apply} noValidate>
      <Stack gap="xs">
        <TextInput
          size="xs"
          label="From"
          value={from}
          error={problems.from ?? false}
          rightSection={calendar}
          onChange={({ currentTarget }) => setFrom(currentTarget.value)}
        />
        <TextInput
          size="xs"
          label="To"
          value={to}
          error={problems.to ?? false}
          onChange={({ currentTarget }) => setTo(currentTarget.value)}
        />
        {isCalendarOpen && (
          <RangeCalendar
            from={from}
            to={to}
            settings={settings}
            onDays={(first, last) => {
              setFrom(`${first} 00:00:00`);
              setTo(last === null ? `${first} 23:59:59` : `${last} 23:59:59`);
            }}
          />
        )}
        <Group justify="flex-end">
          <Button type="submit" size="xs" disabled={!isSound}>
            Apply time range
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function RecentRanges(props: { zone: string; quick: readonly QuickRange[]; onChoose: (raw: RawTimeRange) => void }) {
  const [recent] = useState(recentRanges);
  if (recent.length === 0) return null;
  return (
    <>
      <h2 className={css("heading")} id="recent-ranges">
        Recent ranges
      </h2>
      <ul className={css("recent")} aria-labelledby="recent-ranges">
        {recent.map((range) => (
          <li key={`${range.from} ${range.to}`}>
            <button type="button" className={css("absolute")} onClick={() => props.onChoose(range)}>
              {rangeText(range, props.quick, props.zone)}
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}
