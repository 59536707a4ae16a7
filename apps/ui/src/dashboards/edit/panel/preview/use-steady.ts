import { useState } from "react";

/**
 * Returns the value, or the previous value if its JSON is equal. So the returned object changes only if its content
 * changes.
 */
export function useSteady<T>(value: T): T {
  const text = JSON.stringify(value);
  const [held, setHeld] = useState({ text, value });
  if (held.text === text) return held.value;
  setHeld({ text, value });
  return value;
}
