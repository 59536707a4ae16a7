import { useEffect, useEffectEvent } from "react";
import { isTextField } from "./key-sequence.ts";

/** Whether the Command key, instead of Ctrl, is the key for commands of this machine. */
const isMac = /^(?:Mac|iPhone|iPad)/.test(navigator.platform);

/** Name of the key for commands. */
export const controlKey = isMac ? "⌘" : "Ctrl";

/** A dialog that a key of every page opens. */
export type PageDialog = "find" | "keys";

/** Returns the dialog that a key opens; undefined for all other keys. */
export function dialogOf(event: KeyboardEvent, hasCommandKey = isMac): PageDialog | undefined {
  const { ctrlKey, metaKey, altKey, shiftKey } = event;
  const isCommand = hasCommandKey ? metaKey && !ctrlKey : ctrlKey && !metaKey;
  if (isCommand && !altKey && !shiftKey && event.key.toLowerCase() === "k") return "find";
  const isPlain = !ctrlKey && !metaKey && !altKey;
  return isPlain && event.key === "?" && !isTextField(event.target) ? "keys" : undefined;
}

/** Opens dialogs with the keys of every page while the component is mounted. */
export function usePageKeys(onOpen: (dialog: PageDialog) => void): void {
  const open = useEffectEvent(onOpen);
  useEffect(() => {
    const listen = (event: KeyboardEvent): void => {
      const dialog = dialogOf(event);
      if (dialog === undefined) return;
      event.preventDefault();
      event.stopPropagation();
      // An open dialog stays alone, because its changes may not be saved.
      if (document.querySelector('[role="dialog"][aria-modal="true"]') === null) open(dialog);
    };
    // Listens in the capture phase, because editors have a key of their own for Ctrl+K.
    document.addEventListener("keydown", listen, { capture: true });
    return () => document.removeEventListener("keydown", listen, { capture: true });
  }, []);
}
