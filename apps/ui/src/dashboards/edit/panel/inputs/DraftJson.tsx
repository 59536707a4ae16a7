import { useState } from "react";
import { DraftText } from "./DraftText.tsx";

/** JSON as text, taken when its field is left; what cannot be read is said with its place, and kept to be mended. */
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
      setRefused({ text, why: `This is no JSON: ${error instanceof Error ? error.message : String(error)}` });
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
