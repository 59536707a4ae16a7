import { ErrorMessage } from "../../shell/StatusMessage.tsx";
import { isRetryable } from "./opening-retry.ts";

/** Shows why a dashboard could not be opened, and whether the page retries automatically (see `openingRetry`). */
export function OpeningFailure({ error }: { error: unknown }) {
  if (!isRetryable(error)) return <ErrorMessage error={error} />;
  return <ErrorMessage error={error} title="The dashboard could not be loaded yet; the page retries automatically" />;
}
