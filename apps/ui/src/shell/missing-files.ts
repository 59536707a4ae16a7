import { errorSentence } from "./StatusMessage.tsx";

const errors = new WeakSet<Error>();

/**
 * Collects the errors of scripts and style sheets that cannot be loaded.
 * @returns a function that stops the collection
 */
export function watchFiles(): () => void {
  const note = ({ payload }: VitePreloadErrorEvent): void => {
    errors.add(payload);
  };
  addEventListener("vite:preloadError", note);
  return () => removeEventListener("vite:preloadError", note);
}

/** Reports whether an error was caused by a missing script or style sheet. */
export const isOfMissingFile = (error: unknown): boolean => error instanceof Error && errors.has(error);

/** Key in the session storage. The value is the error after which this tab was reloaded. */
const RELOADED_FOR = "narthex.reloadedFor";

/**
 * Reloads the page, because files are missing after an update. Does nothing if the tab was already reloaded for this
 * error, if there are unsaved changes, or if the server does not respond.
 */
export async function reloadOnce(error: unknown): Promise<void> {
  const reason = errorSentence(error);
  if (hasUnsavedChanges() || !(await isServed()) || !keptReason(reason)) return;
  location.reload();
}

/** Reports whether the page has unsaved changes, by dispatching a `beforeunload` event. */
function hasUnsavedChanges(): boolean {
  return !dispatchEvent(new Event("beforeunload", { cancelable: true }));
}

async function isServed(): Promise<boolean> {
  try {
    return (await fetch(location.href, { cache: "no-store" })).ok;
  } catch {
    return false;
  }
}

/**
 * Stores the error that causes a reload.
 * @returns false if the last reload had the same cause, or if the browser cannot store the error, because the page
 * could then reload endlessly
 */
function keptReason(reason: string): boolean {
  try {
    if (sessionStorage.getItem(RELOADED_FOR) === reason) return false;
    sessionStorage.setItem(RELOADED_FOR, reason);
    return true;
  } catch {
    return false;
  }
}
