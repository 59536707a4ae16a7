import { ActionIcon, Popover, TextInput } from "@mantine/core";
import { DatePicker } from "@mantine/dates";
import { IconCalendar } from "@tabler/icons-react";
import { useState } from "react";
import { usePreferences } from "../shell/preferences.ts";
import { firstDayOfWeek } from "./first-day-of-week.ts";

/** A point in time as text, with a calendar for the day. */
export function MomentField({
  label,
  value,
  problem,
  onChange,
}: {
  label: string;
  /** `YYYY-MM-DD HH:mm:ss`, or whatever has been typed. */
  value: string;
  problem: string | undefined;
  onChange: (value: string) => void;
}) {
  const { useLocalTime } = usePreferences();
  const [isOpen, setOpen] = useState(false);
  const [day = "", time = "00:00:00"] = value.split(" ");
  return (
    <Popover opened={isOpen} onChange={setOpen} position="bottom-end" withArrow trapFocus>
      <Popover.Target>
        <TextInput
          label={label}
          description={useLocalTime ? "Local time" : "UTC"}
          value={value}
          error={problem ?? false}
          onChange={(event) => onChange(event.currentTarget.value)}
          rightSection={
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={`Choose the day: ${label.toLowerCase()}`}
              onClick={() => setOpen(!isOpen)}
            >
              <IconCalendar size={16} />
            </ActionIcon>
          }
        />
      </Popover.Target>
      <Popover.Dropdown>
        <DatePicker
          value={/^\d{4}-\d\d-\d\d$/.test(day) ? day : null}
          firstDayOfWeek={firstDayOfWeek()}
          onChange={(chosen) => {
            if (chosen !== null) onChange(`${chosen} ${time}`);
            setOpen(false);
          }}
        />
      </Popover.Dropdown>
    </Popover>
  );
}
