import { useState } from "react";
import { DraftText } from "./DraftText.tsx";

/** Parses a number. Returns undefined for an empty text, and null for a text that is not a number within the bounds. */
function readNumber(text: string, bounds: NumberBounds): number | undefined | null {
  const trimmed = text.trim().replace(",", ".");
  if (trimmed === "") return undefined;
  const value = Number(trimmed);
  if (!Number.isFinite(value)) return null;
  const within = Math.min(bounds.max ?? value, Math.max(bounds.min ?? value, value));
  return bounds.integer === true ? Math.round(within) : within;
}

interface NumberBounds {
  readonly min?: number;
  readonly max?: number;
  readonly integer?: boolean;
}

interface DraftNumberProps extends NumberBounds {
  readonly label: string;
  readonly value: number | undefined;
  readonly placeholder?: string;
  /** Called with the new number, or with undefined if the field is empty. */
  readonly onCommit: (value: number | undefined) => void;
  readonly className?: string;
}

/**
 * A number field whose value is applied when the user leaves it. An invalid number shows an error and is not applied.
 */
export function DraftNumber({ label, value, placeholder, onCommit, className, ...bounds }: DraftNumberProps) {
  const [refused, setRefused] = useState<string>();
  const commit = (text: string): void => {
    const read = readNumber(text, bounds);
    setRefused(read === null ? `“${text.slice(0, 40)}” is not a number.` : undefined);
    if (read !== null && read !== value) onCommit(read);
  };
  return (
    <DraftText
      label={label}
      value={value === undefined ? "" : String(value)}
      error={refused}
      onCommit={commit}
      {...(placeholder === undefined ? {} : { placeholder })}
      {...(className === undefined ? {} : { className })}
    />
  );
}
