import { formatInterval, parseInterval } from "@narthex/dashboards";
import { useState } from "react";
import { Choice } from "./Choice.tsx";
import { DraftText } from "./DraftText.tsx";

const HOUR_MS = 3_600_000;

/**
 * Edits a setting whose value is never, always, or a duration. A duration is the threshold for the distance between two
 * times.
 */
export function SpanField({
  label,
  value,
  hasAlways,
  onChange,
}: {
  label: string;
  value: boolean | number;
  hasAlways: boolean;
  onChange: (value: boolean | number) => void;
}) {
  const [refused, setRefused] = useState<string>();
  const word = typeof value === "number" ? "threshold" : value ? "always" : "never";
  const commit = (text: string): void => {
    const read = parseInterval(text);
    setRefused(read === undefined ? `“${text.slice(0, 40)}” is not a time. Write it as 30s, 5m or 1h.` : undefined);
    if (read !== undefined) onChange(read);
  };
  return (
    <>
      <Choice
        label={label}
        value={word}
        choices={[
          { value: "never", label: "Never" },
          ...(hasAlways ? [{ value: "always", label: "Always" }] : []),
          { value: "threshold", label: "Threshold" },
        ]}
        onChange={(next) => onChange(next === "threshold" ? HOUR_MS : next === "always")}
      />
      {typeof value === "number" && (
        <DraftText label={`${label}: time`} value={formatInterval(value)} error={refused} onCommit={commit} />
      )}
    </>
  );
}
