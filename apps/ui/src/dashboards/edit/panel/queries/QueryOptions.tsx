import { parseInterval } from "@narthex/dashboards";
import { useState } from "react";
import { DraftNumber } from "../inputs/DraftNumber.tsx";
import { DraftText } from "../inputs/DraftText.tsx";
import { usePanelEditing } from "../panel-edit-context.ts";
import { Section } from "../options/Section.tsx";
import { SettingRow } from "../options/SettingRow.tsx";
import { classesOf } from "../../../../shell/style-sheet.ts";
import styles from "./QueryOptions.module.css";

const css = classesOf(styles);

export function QueryOptions() {
  const { panel, edit } = usePanelEditing();
  const { maxDataPoints, interval, timeFrom, timeShift } = panel;
  const set = (key: string, value: unknown): void => edit([{ path: [key], value }]);
  const changed = [maxDataPoints, interval, timeFrom, timeShift].filter((value) => value !== undefined).length;
  return (
    <div className={css("options")}>
      <Section title="Query options" isOpen={false} changed={changed}>
        <div className={css("fields")}>
          <SettingRow name="Max data points" description="Empty: the width of the panel in pixels">
            <DraftNumber
              label="Max data points"
              value={maxDataPoints}
              min={1}
              integer
              placeholder="Auto"
              onCommit={(value) => set("maxDataPoints", value)}
            />
          </SettingRow>
          <SettingRow name="Min interval" description="Minimum step: 1m, or $interval">
            <TimeField
              label="Min interval"
              value={interval}
              placeholder="15s"
              onCommit={(text) => set("interval", text)}
            />
          </SettingRow>
          <SettingRow name="Relative time" description="Replaces the dashboard's range: 1h, now/d">
            <TimeField
              label="Relative time"
              value={timeFrom}
              placeholder="1h"
              onCommit={(text) => set("timeFrom", text)}
            />
          </SettingRow>
          <SettingRow name="Time shift" description="Distance by which the range is moved back: 1d">
            <TimeField
              label="Time shift"
              value={timeShift}
              placeholder="1d"
              onCommit={(text) => set("timeShift", text)}
            />
          </SettingRow>
        </div>
      </Section>
    </div>
  );
}

/**
 * Reports whether a text is a valid time. A text with a variable is accepted, since the variable's value may be a valid
 * time.
 */
const isTime = (text: string): boolean =>
  text.includes("$") || text.startsWith("now") || parseInterval(text) !== undefined;

function TimeField({
  label,
  value = "",
  placeholder,
  onCommit,
}: {
  label: string;
  value: string | undefined;
  placeholder: string;
  onCommit: (text: string | undefined) => void;
}) {
  const [refused, setRefused] = useState<string>();
  const commit = (given: string): void => {
    const text = given.trim();
    const isRead = text === "" || isTime(text);
    setRefused(isRead ? undefined : `“${text.slice(0, 40)}” is not a time. Write it as 30s, 5m or 1h.`);
    if (isRead) onCommit(text === "" ? undefined : text);
  };
  return <DraftText label={label} value={value} placeholder={placeholder} error={refused} onCommit={commit} />;
}
