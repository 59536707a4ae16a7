import { useState } from "react";

/**
 * Returns the previous object if its JSON equals the new value's JSON, so that React sees no change. Otherwise returns
 * the new value.
 */
export function useSteady<T>(value: T): T {
  const text = JSON.stringify(value);
  const [held, setHeld] = useState({ text, value });
  if (held.text === text) return held.value;
  setHeld({ text, value });
  return value;
}
