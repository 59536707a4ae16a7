import "@mantine/dates/styles.css";
import { ActionIcon, Popover, TextInput } from "@mantine/core";
import { DatePicker } from "@mantine/dates";
import { IconCalendar } from "@tabler/icons-react";
import { useState } from "react";
import { useTimeZone, zoneText } from "../shell/time-zone.ts";
import { nowMs } from "../time/browser-clock.ts";
import { firstDayOfWeek } from "../shell/week-start.ts";

export function DateTimeInput({
  label,
  value,
  problem,
  onChange,
}: {
  label: string;
  /** `YYYY-MM-DD HH:mm:ss`, or any other text that the user typed. */
  value: string;
  problem: string | undefined;
  onChange: (value: string) => void;
}) {
  const zone = useTimeZone();
  const [isOpen, setOpen] = useState(false);
  const [day = "", time = "00:00:00"] = value.split(" ");
  const calendar = (
    <Popover opened={isOpen} onChange={setOpen} position="bottom-end" withArrow trapFocus>
      <Popover.Target>
        <ActionIcon
          variant="subtle"
          color="gray"
          aria-label={`Choose the day: ${label.toLowerCase()}`}
          onClick={() => setOpen(!isOpen)}
        >
          <IconCalendar size={16} />
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown aria-label={`${label}: choose the day`}>
        <DatePicker
          value={/^\d{4}-\d\d-\d\d$/.test(day) ? day : null}
          firstDayOfWeek={firstDayOfWeek()}
          ariaLabels={{ previousMonth: "Previous month", nextMonth: "Next month" }}
          onChange={(chosen) => {
            if (chosen !== null) onChange(`${chosen} ${time}`);
            setOpen(false);
          }}
        />
      </Popover.Dropdown>
    </Popover>
  );
  return (
    <TextInput
      label={label}
      required
      description={zoneText(zone, nowMs())}
      value={value}
      error={problem ?? false}
      onChange={(event) => onChange(event.currentTarget.value)}
      rightSection={calendar}
    />
  );
}
