import { useState } from "react";

/** A text being edited: starts from a value and follows it whenever the value itself changes. */
export function useDraft(value: string): [string, (text: string | ((old: string) => string)) => void] {
  const [text, setText] = useState(value);
  const [followed, setFollowed] = useState(value);
  if (followed !== value) {
    setFollowed(value);
    setText(value);
  }
  return [text, setText];
}
