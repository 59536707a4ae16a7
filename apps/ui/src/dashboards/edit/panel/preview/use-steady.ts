import { useState } from "react";

/** The value itself, or the one before it where both are the same JSON: a change elsewhere leaves it as it is. */
export function useSteady<T>(value: T): T {
  const text = JSON.stringify(value);
  const [held, setHeld] = useState({ text, value });
  if (held.text === text) return held.value;
  setHeld({ text, value });
  return value;
}
