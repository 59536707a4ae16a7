import "@mantine/dates/styles.css";
import { DatePicker } from "@mantine/dates";
import { type CalendarSettings, formatTime, parseDateMath } from "@narthex/dashboards";
import { useState } from "react";

interface RangeCalendarProps {
  readonly from: string;
  readonly to: string;
  readonly settings: CalendarSettings;
  /** Called with the selected days as `YYYY-MM-DD`. `last` is null until the user has selected the last day. */
  readonly onDays: (first: string, last: string | null) => void;
}

type Day = 0 | 1 | 2 | 3 | 4 | 5 | 6;

/** A calendar in which the user selects the first day and then the last. */
export default function RangeCalendar({ from, to, settings, onDays }: RangeCalendarProps) {
  const dayOf = (text: string, isEnd: boolean): string | null => {
    const ms = parseDateMath(text, settings, isEnd);
    return ms === undefined ? null : formatTime(ms, settings.zone, "YYYY-MM-DD");
  };
  // The selected days. `from` and `to` cannot express that the user has selected only the first day.
  const [days, setDays] = useState<[string | null, string | null]>(() => [dayOf(from, false), dayOf(to, true)]);
  return (
    <DatePicker
      type="range"
      size="xs"
      allowSingleDateInRange
      firstDayOfWeek={((settings.weekStart ?? 1) % 7) as Day}
      defaultDate={days[1] ?? formatTime(settings.now, settings.zone, "YYYY-MM-DD")}
      ariaLabels={{ previousMonth: "Previous month", nextMonth: "Next month" }}
      value={days}
      onChange={(chosen) => {
        setDays(chosen);
        if (chosen[0] !== null) onDays(chosen[0], chosen[1]);
      }}
    />
  );
}
