import { useState } from "react";

/**
 * Returns the value, or the previous one if both have the same JSON. So a change elsewhere does not change its
 * identity.
 */
export function useSteady<T>(value: T): T {
  const text = JSON.stringify(value);
  const [held, setHeld] = useState({ text, value });
  if (held.text === text) return held.value;
  setHeld({ text, value });
  return value;
}
