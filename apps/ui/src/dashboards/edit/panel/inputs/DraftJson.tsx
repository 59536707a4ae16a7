import { useState } from "react";
import { DraftText } from "./DraftText.tsx";

/**
 * A JSON field whose value is applied when the user leaves it. Invalid JSON stays in the field with an error message
 * that names its position.
 */
export function DraftJson({
  label,
  value,
  rows,
  onCommit,
}: {
  label: string;
  value: unknown;
  rows: number;
  onCommit: (value: unknown) => void;
}) {
  const [refused, setRefused] = useState<{ text: string; why: string }>();
  const commit = (text: string): void => {
    try {
      const read: unknown = text.trim() === "" ? undefined : JSON.parse(text);
      setRefused(undefined);
      onCommit(read);
    } catch (error) {
      setRefused({ text, why: `This is not JSON: ${error instanceof Error ? error.message : String(error)}` });
    }
  };
  return (
    <DraftText
      label={label}
      value={refused?.text ?? (value === undefined ? "" : JSON.stringify(value, null, rows > 1 ? 2 : 0))}
      rows={rows}
      error={refused?.why}
      onCommit={commit}
    />
  );
}
