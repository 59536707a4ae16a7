import { useState } from "react";

/**
 * Returns the edited text of a field, and a function that sets it. The text starts with a value and is reset whenever
 * that value changes.
 */
export function useDraft(value: string): [string, (text: string | ((old: string) => string)) => void] {
  const [text, setText] = useState(value);
  const [followed, setFollowed] = useState(value);
  if (followed !== value) {
    setFollowed(value);
    setText(value);
  }
  return [text, setText];
}
